# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the policies in this directory with what the package mage-dev installs, and nothing else
# but clang: "make" for all, "make fifo.bpf.o" for one.
CLANG   ?= clang-19
INCLUDE ?= /usr/include/mage

all: $(patsubst %.c,%.o,$(wildcard *.bpf.c))

%.bpf.o: %.bpf.c
	$(CLANG) -target bpf -mcpu=v3 -g -O2 -Wall -I$(INCLUDE) -c -o $@ $<

.PHONY: all
