# SPDX-License-Identifier: GPL-2.0-only
#
# Compiles the BPF programs:  policies/NAME.bpf.c to build/policies/NAME.bpf.o,
# those of the tests likewise, bpf/NAME.bpf.c to build/bpf/NAME.bpf.o.
# The top Makefile calls this once VMLINUX, BPFTOOL and LIBBPF_DIR exist.

CLANG   ?= clang-19
# A callback has the parameters that the kernel passes, used or not.
CFLAGS  := -target bpf -mcpu=v3 -g -O2 -Wall -Wextra -Wno-unused-parameter -Werror -MMD -MP \
	   -I$(BUILD)/bpf -Ibpf -isystem $(LIBBPF_DIR)/include

POLICIES := $(patsubst %.bpf.c,$(BUILD)/%.bpf.o,$(wildcard policies/*.bpf.c \
	tests/vm/*.bpf.c tests/vm/policies/*.bpf.c))
PROGRAMS := $(patsubst %.bpf.c,$(BUILD)/%.bpf.o,$(wildcard bpf/*.bpf.c))

.DELETE_ON_ERROR:
.PHONY: all
all: $(POLICIES) $(PROGRAMS)

# Every link of the kernel makes a new vmlinux; few change a type.
$(BUILD)/bpf/vmlinux.h: $(VMLINUX)
	@mkdir -p $(@D)
	@$(BPFTOOL) btf dump file $< format c >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; echo "  BTF     $@"; fi

$(BUILD)/%.bpf.o: %.bpf.c scripts/bpf.mk | $(BUILD)/bpf/vmlinux.h
	@mkdir -p $(@D)
	@echo "  BPF     $<"
	@$(CLANG) $(CFLAGS) -c -o $@ $<

-include $(POLICIES:.o=.d) $(PROGRAMS:.o=.d)
