// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what a policy says of itself, by its dump callback.
 *
 * It is asked by people, while it governs, and once more when it is ejected: then calls
 * go to the built-in policy already, and its lists are still as it has made them.  The
 * text has an end, and the callback is held to its time as all others are.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "dump.h"
#include "domain.h"
#include "format.h"

/**
 * mage_dump_start() - have room for a text
 * @dump: set up, with an empty text, which is to be freed by kfree()
 * @gfp: how to allocate it
 *
 * Return: whether there was memory
 */
bool mage_dump_start(struct mage_dump *dump, gfp_t gfp)
{
	*dump = (struct mage_dump){ .text = kmalloc(MAGE_DUMP_LEN, gfp) };
	if (!dump->text)
		return false;
	dump->text[0] = 0;
	return true;
}

/**
 * mage_dump_call() - let a policy say how it is
 * @domain: the domain that it is about; the caller holds the policy_mutex of its root
 * @policy: the policy, which has the callback and cannot be freed meanwhile
 * @kind: MAGE_CALL_USUAL if it governs, MAGE_CALL_APART if it is ejected
 * @dump: what it writes to
 */
void mage_dump_call(struct mage_domain *domain, struct mage_ops *policy,
		    enum mage_call_kind kind, struct mage_dump *dump)
{
	struct mage_call call;

	rcu_read_lock();
	mage_call_enter(&call, domain, policy, MAGE_CALLBACK_DUMP, kind);
	/* Its time begins now. */
	mage_call_look(&call);
	policy->dump(domain, dump);
	mage_call_leave(&call);
	rcu_read_unlock();
	dump->cut |= call.over;
}

/**
 * mage_dump_of_ejected() - the last words of a policy
 * @root: its domain; the caller holds the policy_mutex
 * @policy: a policy that is ejected, but still in its place
 * @dump: set up; what mage_dump_start() says of the text holds
 *
 * Called when room may be short, and what waits for that waits for us, too: so memory is
 * not waited for.
 *
 * Return: false if it has nothing to say, or there was no memory
 */
bool mage_dump_of_ejected(struct mage_domain *root, struct mage_ops *policy,
			  struct mage_dump *dump)
{
	if (!policy->dump || !mage_dump_start(dump, GFP_NOWAIT | __GFP_NOWARN))
		return false;
	mage_dump_call(root, policy, MAGE_CALL_APART, dump);
	return true;
}

__bpf_kfunc_start_defs();

/**
 * mage_dump_bstr() - write formatted text
 * @dump: what the callback dump was given
 * @fmt__str: format, as of bpf_trace_printk(); a constant string
 * @data: the arguments, an element for each
 * @data__sz: its size in bytes, 0 to 96
 *
 * For the macro mage_dump() of bpf/mage.bpf.h.  What does not fit is cut, and whoever reads
 * the text is told so.
 *
 * Return: 0; -ENOSPC when the text is full; -EINVAL for a format that there is not, that
 * does not go with the arguments, or with a width of more than 999; -EBUSY when too many
 * write formatted text on this CPU: then nothing is written
 */
__bpf_kfunc int mage_dump_bstr(struct mage_dump *dump, const char *fmt__str, const u64 *data,
			       u32 data__sz)
{
	struct bpf_bprintf_data args = { .get_bin_args = true };
	u32 left = MAGE_DUMP_LEN - dump->len;
	int err, len;

	if (left == 1) {
		dump->cut = true;
		return -ENOSPC;
	}
	if (data__sz % sizeof(*data) || data__sz > MAX_BPRINTF_VARARGS * sizeof(*data))
		return -EINVAL;
	if (mage_format_is_wide(fmt__str, MAGE_DUMP_LEN))
		return -EINVAL;
	/* It reads the format up to its NUL, which a constant string has. */
	err = bpf_bprintf_prepare((char *)fmt__str, UINT_MAX, data, data__sz / sizeof(*data),
				  &args);
	if (err < 0)
		return err;
	len = bstr_printf(dump->text + dump->len, left, fmt__str, args.bin_args);
	bpf_bprintf_cleanup(&args);
	if (len < left) {
		dump->len += len;
		return 0;
	}
	dump->len = MAGE_DUMP_LEN - 1;
	dump->cut = true;
	return -ENOSPC;
}

__bpf_kfunc_end_defs();
