// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: allocations that fail where a KUnit test wants it.
 *
 * A probe at the begin of the allocator's function sends the test's thread, and no
 * other, to one that returns NULL in its place.
 */
#include <linux/ptrace.h>
#include <linux/sched.h>
#include "fail_kunit.h"

static void *mage_fail_nothing(void)
{
	return NULL;
}

static int mage_fail_hit(struct kprobe *probe, struct pt_regs *regs)
{
	struct mage_fail *fail = container_of(probe, struct mage_fail, probe);

	if (current != READ_ONCE(fail->task))
		return 0;
	if (fail->skip) {
		fail->skip--;
		return 0;
	}
	fail->failed++;
	instruction_pointer_set(regs, (unsigned long)mage_fail_nothing);
	return 1;
}

/**
 * mage_fail_begin() - from now on a function fails in this thread
 * @fail: filled
 * @function: what it is called; it returns a pointer, or an address
 * @skip: calls that still work
 *
 * Return: 0 or a negative errno
 */
int mage_fail_begin(struct mage_fail *fail, const char *function, unsigned int skip)
{
	*fail = (struct mage_fail){
		.probe = { .symbol_name = function, .pre_handler = mage_fail_hit },
		.task = current,
		.skip = skip,
	};
	return register_kprobe(&fail->probe);
}

/**
 * mage_fail_end() - it works again
 * @fail: what mage_fail_begin() filled
 */
void mage_fail_end(struct mage_fail *fail)
{
	/* Taking the probe away may need memory itself. */
	WRITE_ONCE(fail->task, NULL);
	unregister_kprobe(&fail->probe);
}
