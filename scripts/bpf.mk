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
	tests/vm/*.bpf.c tests/vm/policies/*.bpf.c tests/vm/generated/*.bpf.c))
# Policies made at random: source_SEED_NUMBER; others can be made by their name.
GENERATED := $(foreach number,0 1 2 3 4 5 6 7,$(BUILD)/tests/vm/generated/source_1_$(number).bpf.o)
PROGRAMS := $(patsubst %.bpf.c,$(BUILD)/%.bpf.o,$(wildcard bpf/*.bpf.c))

.DELETE_ON_ERROR:
.PHONY: all
all: $(POLICIES) $(GENERATED) $(PROGRAMS)

# Every link of the kernel makes a new vmlinux; few change a type.
$(BUILD)/bpf/vmlinux.h: $(VMLINUX)
	@mkdir -p $(@D)
	@$(BPFTOOL) btf dump file $< format c >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; echo "  BTF     $@"; fi

$(BUILD)/%.bpf.o: %.bpf.c scripts/bpf.mk | $(BUILD)/bpf/vmlinux.h
	@mkdir -p $(@D)
	@echo "  BPF     $<"
	@$(CLANG) $(CFLAGS) -c -o $@ $<

.PRECIOUS: $(BUILD)/tests/vm/generated/source_%.bpf.c
$(BUILD)/tests/vm/generated/source_%.bpf.c: tests/vm/generated/source
	@mkdir -p $(@D)
	@$< --seed $(word 1,$(subst _, ,$*)) --number $(word 2,$(subst _, ,$*)) >$@

# They are nonsense, which compilers may well warn of.
$(BUILD)/tests/vm/generated/source_%.bpf.o: $(BUILD)/tests/vm/generated/source_%.bpf.c scripts/bpf.mk \
		| $(BUILD)/bpf/vmlinux.h
	@echo "  BPF     $<"
	@$(CLANG) $(CFLAGS) -w -Itests/vm/generated -c -o $@ $<

-include $(POLICIES:.o=.d) $(GENERATED:.o=.d) $(PROGRAMS:.o=.d)
