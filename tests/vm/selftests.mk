# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's own selftests that vm/selftests-cgroup and vm/selftests-mm run, from its source tree:
#
#   make -f tests/vm/selftests.mk LINUX=TREE BUILD=DIR      builds them into DIR
#
# The tree's makefiles would write beside the sources, and build all. What the system's headers are
# too old for is in the tree's tools/include.
SOURCE := $(LINUX)/tools/testing/selftests

CGROUP := $(addprefix $(BUILD)/cgroup/,test_core test_freezer test_kill test_kmem test_memcontrol \
	test_pids)
MM := $(addprefix $(BUILD)/mm/,cow droppable ksm_functional_tests madv_populate \
	map_populate mdwe_test mkdirty mlock-random-test mlock2-tests mremap_dontunmap mrelease_test \
	mseal_test pagemap_ioctl soft-dirty split_huge_page_test uffd-unit-tests)

# Their warnings are not ours.
CFLAGS := -w -D_GNU_SOURCE= -U_FORTIFY_SOURCE

.DELETE_ON_ERROR:
.PHONY: all
all: $(CGROUP) $(MM)

# The stamp changes when another kernel source is installed.
$(CGROUP) $(MM): $(LINUX)/.mage/tarball tests/vm/selftests.mk

# Not optimized: memory that is written and freed unread would not be touched at all.
$(CGROUP): tests/vm/selftests_patience.h
$(BUILD)/cgroup/%: $(SOURCE)/cgroup/%.c
	@mkdir -p $(@D)
	@echo "  CC      $(@F)"
	@$(CC) $(CFLAGS) -include tests/vm/selftests_patience.h -pthread -o $@ $< $(SOURCE)/cgroup/cgroup_util.c

$(MM): CFLAGS += -O2 -no-pie -I$(LINUX) -iquote $(BUILD)/mm -isystem $(LINUX)/tools/include/uapi
$(BUILD)/mm/uffd-unit-tests: COMMON := $(SOURCE)/mm/uffd-common.c

$(BUILD)/mm/%: $(SOURCE)/mm/%.c | $(BUILD)/mm/local_config.h
	@echo "  CC      $(@F)"
	@$(CC) $(CFLAGS) -o $@ $< $(SOURCE)/mm/vm_util.c $(SOURCE)/mm/thp_settings.c $(COMMON) \
		-lrt -lpthread -lm -lcap

# What the tree's check_config.sh writes where there is no liburing.
$(BUILD)/mm/local_config.h:
	@mkdir -p $(@D)
	@>$@
