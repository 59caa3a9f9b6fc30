// SPDX-License-Identifier: GPL-2.0-only
/* Programs for tests/vm/extend.c: one for the place of a callback, one that is called beside it. */
#define SECTION(name) __attribute__((section(name), used))

SECTION("freplace") unsigned int instead(unsigned long long *ctx)
{
	(void)ctx;
	return 1;
}

SECTION("fentry/callback") int beside(unsigned long long *ctx)
{
	(void)ctx;
	return 0;
}

SECTION("license") char _license[] = "GPL";
