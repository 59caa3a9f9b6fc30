// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies for tests/vm/test-loader.sh.  libbpf finds members by their names,
 * so only those that are used are declared.
 */
#define SECTION(name) __attribute__((section(name), used))

struct mage_domain;

struct mage_ops {
	unsigned int (*batch_size)(struct mage_domain *domain, unsigned int wanted);
	unsigned long long cgroup_id;
	unsigned long long flags;
	char name[64];
};

/* Out of range: ejected when the first page is to be evicted. */
SECTION("struct_ops/zero_batch") unsigned int zero_batch(unsigned long long *ctx)
{
	(void)ctx;
	return 0;
}

SECTION(".struct_ops.link")
struct mage_ops plain_ops = {
	.name = "plain",
};

SECTION(".struct_ops.link")
struct mage_ops zero_ops = {
	.batch_size = (void *)zero_batch,
	.name = "zero",
};

/* The kernel knows no flags. */
SECTION(".struct_ops.link")
struct mage_ops flags_ops = {
	.flags = 1ULL << 63,
	.name = "flags",
};

SECTION("license") char _license[] = "GPL";
