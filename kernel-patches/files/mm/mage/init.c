// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: boot and sysfs.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/sysfs.h>
#include <asm/mage.h>
#include "blk.h"
#include "disk.h"
#include "dram.h"
#include "evictor.h"
#include "flight.h"
#include "kfunc.h"
#include "knobs.h"
#include "netlink.h"
#include "ops.h"
#include "recycle.h"
#include "set.h"
#include "shard.h"
#include "sysrq.h"

#define CREATE_TRACE_POINTS
#include <trace/events/mage.h>

static ssize_t evictor_cpus_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	cpumask_var_t cpus;
	ssize_t ret;

	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	mage_evictors_get_cpus(cpus);
	ret = sysfs_emit(buf, "%*pbl\n", cpumask_pr_args(cpus));
	free_cpumask_var(cpus);
	return ret;
}

static ssize_t evictor_cpus_store(struct kobject *kobj, struct kobj_attribute *attr,
				  const char *buf, size_t count)
{
	cpumask_var_t cpus;
	int err;

	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	err = cpulist_parse(buf, cpus);
	if (!err)
		err = mage_evictors_set_cpus(cpus);
	free_cpumask_var(cpus);
	return err ?: count;
}

static struct kobj_attribute evictor_cpus_attr = __ATTR_RW(evictor_cpus);

static struct attribute *mage_attrs[] = {
	&evictor_cpus_attr.attr,
	NULL,
};

static const struct attribute_group mage_attr_group = {
	.name = "mage",
	.attrs = mage_attrs,
};

static int __init mage_init(void)
{
	int err;

	if (!mage_enabled) {
		pr_info("off by the kernel command line\n");
		return 0;
	}
	if (!arch_page_tables_are_ours()) {
		pr_warn("off: in a Xen PV guest page tables are the hypervisor's; use a PVH or HVM guest\n");
		mage_enabled = false;
		return 0;
	}
	mage_knobs_init();
	mage_shards_start();
	err = mage_disk_init();
	if (!err)
		err = mage_flights_init();
	if (!err)
		err = mage_recycle_start();
	if (!err)
		err = mage_evictors_start();
	if (!err)
		err = mage_dram_init();
	if (!err)
		err = mage_blk_init();
	if (!err)
		err = mage_set_init();
	if (!err)
		err = mage_kfunc_init();
	if (!err)
		err = mage_ops_register();
	if (!err)
		err = sysfs_create_group(mm_kobj, &mage_attr_group);
	if (!err)
		mage_sysrq_init();
	/* Last: whoever finds the netlink family finds all of Mage. */
	if (!err)
		err = mage_netlink_init();
	if (err)
		pr_err("could not start: error %d\n", err);
	return err;
}
late_initcall(mage_init);
