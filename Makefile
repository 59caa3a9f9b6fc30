# SPDX-License-Identifier: GPL-2.0-only
#
# "make help" lists the targets.  All results go to build/.

MAKEFLAGS += --no-print-directory
.SUFFIXES:
.NOTPARALLEL:
.DELETE_ON_ERROR:

BUILD  ?= build
JOBS   ?= $(shell nproc)
KERNEL ?= vm
override BUILD := $(abspath $(BUILD))

LINUX      := $(BUILD)/linux
KERNEL_DIR := $(BUILD)/kernel-$(KERNEL)
IMAGE      := $(KERNEL_DIR)/arch/x86/boot/bzImage
LIBBPF_DIR := $(BUILD)/libbpf
LIBBPF     := $(LIBBPF_DIR)/libbpf.a
BPFTOOL    := $(BUILD)/bpftool/bpftool

# Parts are built one after the other, each with all processors, unless the
# caller has said how many.
SUBMAKE = $(MAKE) -s $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))

.PHONY: all
all: kernel tools memnode loader policies

.PHONY: help
help:
	@sed -n 's/^## //p' Makefile

## make                   build everything
## make demo              set up, build, and show Mage at work
## make check             set up, build, and run the tests (the group full)
##                        (TESTS="NAME..." for some; make list-tests;
##                        GROUP=quick, full or soak)
## make check-quick       the same, but the group quick: a quarter of an hour
## make soak              the same, but the group soak: hours, another seed each time
##                        (SEED=N with each of the three)
## make setup             install the Debian packages that are missing

.PHONY: setup demo check check-quick soak list-tests
setup:
	@scripts/setup

demo: setup
	@$(MAKE) all tests
	@tests/vm/run --kernel $(IMAGE) --memnodes 1 --smp 4 --mem 2G -- tests/vm/demo.sh

check: setup
	@$(MAKE) all tests || { \
		echo "The build failed, see above: nothing was tested."; \
		echo "0 passed, 1 failed"; exit 1; }
	@tests/run-tests --build $(BUILD) --kernel $(KERNEL) $(if $(GROUP),--group $(GROUP)) \
		$(if $(SEED),--seed $(SEED)) $(TESTS)

# A shell may have that name for a group of users.
ifeq ($(origin GROUP),environment)
GROUP :=
endif
check-quick: GROUP := quick
soak: GROUP := soak
check-quick soak: check

list-tests:
	@tests/run-tests --build $(BUILD) --list

## make coverage          which lines of the kernel side the tests in virtual machines
##                        reach (TESTS="NAME..." for some; docs/testing.md)

.PHONY: coverage
coverage: setup
	@$(MAKE) all tests KERNEL=coverage
	@tests/coverage --build $(BUILD) run $(TESTS)

## make kernel            the patched kernel, in build/kernel-vm
## make kernel-tree       only its source tree, build/linux
## make kernel-stock      the same kernel and configuration without Mage
##                        (KERNEL=debug with any target: the kernel with
##                        KASAN, lockdep and other checks, in build/kernel-debug;
##                        KERNEL=kcsan: that which looks for data races)
## make refresh-patches   write edits made in build/linux back to kernel-patches
## make check-series      apply the series to the oldest and to the newest
##                        kernel source that apt offers
## make check-config      compile Mage and the rest of mm/ with Debian's own
##                        configurations, and by clang with more (KIND="cloud-amd64"
##                        for some; docs/testing.md)

.PHONY: kernel kernel-tree kernel-stock refresh-patches check-series check-config
kernel-tree:
	@scripts/kernel-tree --build $(BUILD) sync

kernel: kernel-tree
	@scripts/build-kernel $(KERNEL) $(BUILD) $(JOBS)

kernel-stock:
	@scripts/kernel-tree --build $(BUILD) stock
	@scripts/build-kernel stock $(BUILD) $(JOBS)

refresh-patches:
	@scripts/kernel-tree --build $(BUILD) refresh

check-series:
	@scripts/kernel-tree --build $(BUILD) check-series

check-config: kernel-tree
	@scripts/check-config $(BUILD) $(JOBS) $(KIND)

## make tools             libbpf and bpftool, from the kernel's tree

# What was said to this make ("KERNEL=debug") is not meant for the kernel's.
KERNELS_MAKE := env -u MAKEFLAGS -u MAKEOVERRIDES make -j$(JOBS) \
		CLANG=clang-19 LLVM_STRIP=llvm-strip-19

.PHONY: tools
tools: $(LIBBPF) $(BPFTOOL)

# The stamp changes when another kernel source is installed.
$(LINUX)/.mage/tarball: | kernel-tree ;

$(LIBBPF): $(LINUX)/.mage/tarball
	@mkdir -p $(LIBBPF_DIR)/obj
	@scripts/progress --log $(BUILD)/libbpf.log --label libbpf -- \
		$(KERNELS_MAKE) -C $(LINUX)/tools/lib/bpf OUTPUT=$(LIBBPF_DIR)/obj/ \
		DESTDIR=$(LIBBPF_DIR) prefix= libdir=/ install_headers $(LIBBPF_DIR)/obj/libbpf.a
	@cp $(LIBBPF_DIR)/obj/libbpf.a $@

# Its own BPF programs ("bpftool prog profile") are compiled against the types
# of the kernel just built; any kernel's will do, so a new one rebuilds nothing.
$(BPFTOOL): $(LINUX)/.mage/tarball | kernel
	@mkdir -p $(BUILD)/bpftool
	@scripts/progress --log $(BUILD)/bpftool.log --label bpftool -- \
		$(KERNELS_MAKE) -C $(LINUX)/tools/bpf/bpftool OUTPUT=$(BUILD)/bpftool/ \
		VMLINUX_BTF=$(KERNEL_DIR)/vmlinux $@
	@touch $@

## make policies          the BPF programs of policies/ and bpf/

.PHONY: policies
policies: kernel tools
	@$(SUBMAKE) -f scripts/bpf.mk BUILD=$(BUILD) VMLINUX=$(KERNEL_DIR)/vmlinux \
		BPFTOOL=$(BPFTOOL) LIBBPF_DIR=$(LIBBPF_DIR)

## make memnode           mage-memnoded, the memory node daemon
## make loader            mage, the command-line tool

.PHONY: memnode loader
memnode:
	@echo "  MAKE    memnode"
	@$(SUBMAKE) -C memnode BUILD=$(BUILD)/memnode

loader: $(LIBBPF)
	@echo "  MAKE    loader"
	@$(SUBMAKE) -C loader BUILD=$(BUILD)/loader LIBBPF_DIR=$(LIBBPF_DIR)

## make sim               mage-sim, which replays page traces with the policies
##                        (docs/simulator.md)

.PHONY: sim
sim:
	@echo "  MAKE    sim"
	@$(SUBMAKE) -f tests/sim/Makefile BUILD=$(BUILD)/sim

## make pictures          draw what docs/pictures shows, from the simulator, and from
##                        docs/pictures/applications.csv (tests/bench/picture)

.PHONY: pictures
pictures: sim
	@tests/sim/picture csv $(BUILD)/sim/mage-sim >$(BUILD)/misses.csv
	@mv $(BUILD)/misses.csv docs/pictures/misses.csv
	@tests/sim/picture svg docs/pictures/misses.csv >$(BUILD)/misses.svg
	@mv $(BUILD)/misses.svg docs/pictures/misses.svg
	@tests/bench/picture svg docs/pictures/applications.csv >$(BUILD)/applications.svg
	@mv $(BUILD)/applications.svg docs/pictures/applications.svg

## make reference         write docs/policy-reference.md, from the kernel's comments

.PHONY: reference
reference: kernel-tree
	@scripts/policy-reference --kernel-doc $(LINUX)/scripts/kernel-doc \
		>$(BUILD)/policy-reference.md
	@mv $(BUILD)/policy-reference.md docs/policy-reference.md

## make tests             what the tests run: unit tests, with and without
##                        sanitizers, mage-sim, fuzz targets, the programs of the
##                        VM tests and of the benchmark, and some of the kernel's
##                        own selftests

.PHONY: tests
tests: $(LIBBPF) sim
	@echo "  MAKE    tests"
	@$(SUBMAKE) -f tests/unit/Makefile BUILD=$(BUILD)/tests LIBBPF_DIR=$(LIBBPF_DIR)
	@$(SUBMAKE) -f tests/fuzz/Makefile BUILD=$(BUILD)/fuzz
	@$(SUBMAKE) -C tests/bench BUILD=$(BUILD)/bench/bin
	@$(SUBMAKE) -C tests/vm BUILD=$(BUILD)/tests
	@$(SUBMAKE) -C tests/vm/torture BUILD=$(BUILD)/torture
	@$(SUBMAKE) -C tests/vm/generated BUILD=$(BUILD)/tests/generated LIBBPF_DIR=$(LIBBPF_DIR)
	@$(SUBMAKE) -f tests/vm/selftests.mk LINUX=$(LINUX) BUILD=$(BUILD)/selftests

## make bench             measure Mage against stock Linux in virtual machines:
##                        tables, and CSV, JSON and plots in build/bench
##                        (FAMILY="cost random" for some of it only, RUNS=5
##                        for medians; the family "stock" builds one more kernel)
## make bench-quick       the short form, a few minutes

.PHONY: bench bench-quick bench-programs
bench-programs: all
	@$(SUBMAKE) -C tests/bench BUILD=$(BUILD)/bench/bin

RUNS ?= 1
# All families, if none is named.
bench: bench-programs $(if $(filter stock,$(or $(FAMILY),stock)),kernel-stock)
	@tests/bench/bench --runs $(RUNS) $(FAMILY)

bench-quick: bench-programs
	@tests/bench/bench --quick --runs $(RUNS) $(FAMILY)

## make compile_commands.json
##                        what editors need to find their way (clangd)

.PHONY: compile_commands.json
compile_commands.json: all
	@scripts/compile-commands --build $(BUILD) --kernel $(KERNEL_DIR) --output $@

## make install           install what is built, all but the kernel
##                        (DESTDIR=DIR, PREFIX=/usr/local)
## make deb               Debian packages of it, in build/deb
## make kernel-deb        those of a kernel: FLAVOUR=vm, cloud or amd64 (docs/installing.md)

.PHONY: install deb kernel-deb
DESTDIR ?=
PREFIX  ?= /usr/local
# It builds nothing, as root had better not.
install:
	@scripts/install-files $(BUILD) "$(DESTDIR)" "$(PREFIX)"

deb: policies memnode loader
	@scripts/build-deb $(BUILD) $(JOBS)

FLAVOUR ?= cloud
kernel-deb: kernel-tree
	@scripts/build-kernel-deb $(FLAVOUR) $(BUILD) $(JOBS)

## make clean             remove what was built, keep the kernel's source tree
## make distclean         remove build/

## make format            put the C of user space into the form that .clang-format asks for

.PHONY: format
format:
	git ls-files -z --cached --others --exclude-standard '*.c' '*.h' ':!kernel-patches' | \
		xargs -0 clang-format-19 -i

.PHONY: clean distclean
clean:
	rm -rf $(filter-out $(LINUX) $(BUILD)/linux-stock,$(wildcard $(BUILD)/*)) compile_commands.json

distclean:
	rm -rf $(BUILD) compile_commands.json
