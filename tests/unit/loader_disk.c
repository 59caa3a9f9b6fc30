// SPDX-License-Identifier: GPL-2.0-only
/* Disks that are made up: a directory stands for /sys. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/sysmacros.h>

#include "base/error.h"
#include "devices/disk.h"
#include "doctor/disk.h"
#include "loader_sys.h"

/* vda with two partitions, vdb, and two devices stacked: dm-0 on vda1, dm-1 on dm-0 and vdb. */
static int make(void **state)
{
	(void)state;
	assert_true(sys_make());
	put("devices/vda/size", "8192");
	put("devices/vda/device/model", "A disk");
	put("devices/vda/vda1/partition", "1");
	put("devices/vda/vda2/partition", "2");
	put("devices/vdb/size", "8192");
	put("devices/dm-0/dm/name", "crypt");
	put("devices/dm-1/dm/name", "both");
	point("devices/dm-0/slaves/vda1", "../../vda/vda1");
	point("devices/dm-1/slaves/dm-0", "../../dm-0");
	point("devices/dm-1/slaves/vdb", "../../vdb");
	point("dev/block/254:0", "../../devices/vda");
	point("dev/block/254:1", "../../devices/vda/vda1");
	point("dev/block/254:2", "../../devices/vda/vda2");
	point("dev/block/254:16", "../../devices/vdb");
	point("dev/block/253:0", "../../devices/dm-0");
	point("dev/block/253:1", "../../devices/dm-1");
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	return sys_remove();
}

#define vda makedev(254, 0)
#define vda1 makedev(254, 1)
#define vda2 makedev(254, 2)
#define vdb makedev(254, 16)
#define dm0 makedev(253, 0)
#define dm1 makedev(253, 1)

static void assert_meet(dev_t one, dev_t other, const char *want)
{
	char disk[DISK_NAME_LEN];

	assert_true(disks_meet(sys, one, other, disk));
	assert_string_equal(disk, want);
	assert_true(disks_meet(sys, other, one, disk));
}

static void assert_apart(dev_t one, dev_t other)
{
	char disk[DISK_NAME_LEN];

	assert_false(disks_meet(sys, one, other, disk));
	assert_false(disks_meet(sys, other, one, disk));
}

static void test_meet(void **state)
{
	(void)state;
	assert_meet(vda, vda, "vda");
	assert_meet(vda1, vda2, "vda");
	assert_meet(dm0, vda2, "vda");
	assert_meet(dm0, dm1, "vda");
	assert_meet(dm1, vdb, "vdb");
	assert_apart(vda, vdb);
	assert_apart(dm0, vdb);
	/* Such as that of a file in memory. */
	assert_apart(vda, makedev(0, 30));
}

/* A file is no disk, so there is nothing to say of it. */
static void test_no_disk(void **state)
{
	struct device device = { .name = "mage0", .path = "" };
	struct error_line line;
	static struct swap_areas swaps;
	static struct findings findings;
	char model[DISK_MODEL_LEN];
	uint64_t bytes;

	(void)state;
	doctor_disk(&findings, sys, &swaps, &device);
	assert_int_equal(findings.nr, 0);
	disk_model(sys, below("devices/vda/size"), model, sizeof(model));
	assert_string_equal(model, "");
	error_kept = &line;
	assert_int_equal(disk_size("connect", "/nowhere/at/all", &bytes), RC_NOT_FOUND);
	assert_non_null(strstr(line.text, "No such file"));
	assert_int_equal(disk_size("connect", "/dev/null", &bytes), RC_NOT_FOUND);
	assert_non_null(strstr(line.text, "/dev/null: is no block device"));
	error_kept = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meet),
		cmocka_unit_test(test_no_disk),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
