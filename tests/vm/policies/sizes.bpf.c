// SPDX-License-Identifier: GPL-2.0-only
/*
 * Its init calls each helper that takes a size with a page, and with a byte more, which is to be
 * refused; it returns the negative number of the first that does otherwise.
 */
#include "mage.bpf.h"

#define E2BIG 7
#define MOST PAGE_SIZE

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * PAGE_SIZE);
} ring SEC(".maps");

char from[2 * MOST], to[2 * MOST];

static __always_inline s32 reads(void)
{
	if (bpf_probe_read_kernel(to, MOST, from))
		return -1;
	if (bpf_probe_read_kernel(to, MOST + 1, from) != -E2BIG)
		return -2;
	if (bpf_probe_read_kernel_str(to, MOST + 1, from) != -E2BIG)
		return -3;
	if (bpf_probe_read_user(to, MOST + 1, (void *)PAGE_SIZE) != -E2BIG)
		return -4;
	if (bpf_probe_read_user_str(to, MOST + 1, (void *)PAGE_SIZE) != -E2BIG)
		return -5;
	return 0;
}

static __always_inline s32 writes(void)
{
	struct bpf_dynptr dynptr;

	if (bpf_ringbuf_output(&ring, from, MOST, 0))
		return -11;
	if (bpf_ringbuf_output(&ring, from, MOST + 1, 0) != -E2BIG)
		return -12;
	if (bpf_dynptr_from_mem(from, sizeof(from), 0, &dynptr))
		return -13;
	if (bpf_dynptr_read(to, MOST, &dynptr, 0, 0))
		return -14;
	if (bpf_dynptr_read(to, MOST + 1, &dynptr, 0, 0) != -E2BIG)
		return -15;
	if (bpf_dynptr_write(&dynptr, 0, to, MOST, 0))
		return -16;
	if (bpf_dynptr_write(&dynptr, 0, to, MOST + 1, 0) != -E2BIG)
		return -17;
	return 0;
}

static __always_inline s32 strings(void)
{
	/* Not on the stack, where they may be given the place of a dynptr of before. */
	static unsigned long number;
	static long signed_number;

	if (bpf_strncmp(from, MOST, "mage") == -E2BIG)
		return -21;
	if (bpf_strncmp(from, MOST + 1, "mage") != -E2BIG)
		return -22;
	if (bpf_strtol(from, MOST + 1, 0, &signed_number) != -E2BIG)
		return -23;
	if (bpf_strtoul(from, MOST + 1, 0, &number) != -E2BIG)
		return -24;
	if (bpf_get_ns_current_pid_tgid(0, 0, (void *)to, MOST + 1) != -E2BIG)
		return -25;
	return 0;
}

static __always_inline s32 formats(void)
{
	static const char usual[] = "%999d", wide[] = "mage %-8000000d",
			  plain[] = "100 %% of 1000 pages";
	u64 number = 1;

	if (bpf_snprintf(to, MOST, usual, &number, sizeof(number)) != 1000)
		return -31;
	if (bpf_snprintf(to, MOST, plain, NULL, 0) < 0)
		return -32;
	if (bpf_snprintf(to, MOST + 1, usual, &number, sizeof(number)) != -E2BIG)
		return -33;
	if (bpf_snprintf(to, MOST, wide, &number, sizeof(number)) != -E2BIG)
		return -34;
	if (bpf_trace_printk(wide, sizeof(wide), 1) != -E2BIG)
		return -35;
	if (bpf_trace_vprintk(wide, sizeof(wide), &number, sizeof(number)) != -E2BIG)
		return -36;
	return 0;
}

s32 MAGE_OP_SLEEPABLE(sizes_init, struct mage_domain *domain)
{
	return reads() ?: writes() ?: strings() ?: formats();
}

MAGE_POLICY(sizes, .init = (void *)sizes_init);
