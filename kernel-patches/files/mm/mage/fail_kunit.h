/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: allocations that fail where a KUnit test wants it.
 */
#ifndef _MM_MAGE_FAIL_KUNIT_H
#define _MM_MAGE_FAIL_KUNIT_H

#include <linux/kprobes.h>

struct task_struct;

/**
 * struct mage_fail - a function that returns 0, or NULL, and does nothing
 * @probe: where it begins
 * @task: but for this thread it works as ever
 * @skip: calls of the thread that still work
 * @failed: calls that did not
 */
struct mage_fail {
	struct kprobe probe;
	struct task_struct *task;
	unsigned int skip;
	unsigned int failed;
};

int mage_fail_begin(struct mage_fail *fail, const char *function, unsigned int skip);
void mage_fail_end(struct mage_fail *fail);

#endif /* _MM_MAGE_FAIL_KUNIT_H */
