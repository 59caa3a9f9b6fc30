// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: a key that ends all policies.
 *
 * For a machine on which somebody still reads the keyboard, or the serial line, but in
 * which no program that would unload them can be started any more.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/rculist.h>
#include <linux/sysrq.h>
#include "sysrq.h"
#include "domain.h"
#include "policy.h"

/* Puts every domain under the built-in policy.  Any context, interrupts included. */
static void mage_sysrq(u8 key)
{
	struct mage_domain *domain;

	rcu_read_lock();
	list_for_each_entry_rcu(domain, &mage_domains, all)
		if (mage_domain_is_root(domain))
			mage_policy_eject(domain, mage_policy(domain), MAGE_EXIT_SYSRQ,
					  "ended by sysrq %c", key);
	rcu_read_unlock();
}

static const struct sysrq_key_op mage_sysrq_op = {
	.handler = mage_sysrq,
	.help_msg = "end-far-memory-policies(M)",
	.action_msg = "End far memory policies",
	.enable_mask = SYSRQ_ENABLE_RTNICE,
};

/**
 * mage_sysrq_init() - let the key be pressed
 */
void __init mage_sysrq_init(void)
{
	if (register_sysrq_key('M', &mage_sysrq_op))
		pr_warn("sysrq M is taken: it does not end policies\n");
}
