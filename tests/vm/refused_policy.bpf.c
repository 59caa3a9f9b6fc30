// SPDX-License-Identifier: GPL-2.0-only
/* A policy that the verifier refuses: for tests/vm/test-loader.sh. */
#define SECTION(name) __attribute__((section(name), used))

struct mage_domain;

struct mage_ops {
	unsigned int (*batch_size)(struct mage_domain *domain, unsigned int wanted);
	unsigned long long cgroup_id;
	char name[64];
};

/* The second argument is a number and no pointer. */
SECTION("struct_ops/wild_batch") unsigned int wild_batch(unsigned long long *ctx)
{
	return *(volatile unsigned int *)ctx[1];
}

SECTION(".struct_ops.link")
struct mage_ops wild_ops = {
	.batch_size = (void *)wild_batch,
	.name = "wild",
};

SECTION("license") char _license[] = "GPL";
