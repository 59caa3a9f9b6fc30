/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what a policy says of itself.
 */
#ifndef _MM_MAGE_DUMP_H
#define _MM_MAGE_DUMP_H

#include <linux/mage_policy.h>
#include "call.h"

/**
 * struct mage_dump - text of a policy; as it has a pointer no program can make one up
 * @text: room for MAGE_DUMP_LEN bytes, with a NUL at the end of what is written
 * @len: bytes written
 * @cut: there was more to say
 */
struct mage_dump {
	char *text;
	u32 len;
	bool cut;
};

bool mage_dump_start(struct mage_dump *dump, gfp_t gfp);
void mage_dump_call(struct mage_domain *domain, struct mage_ops *policy,
		    enum mage_call_kind kind, struct mage_dump *dump);
bool mage_dump_of_ejected(struct mage_domain *root, struct mage_ops *policy,
			  struct mage_dump *dump);
int mage_dump_bstr(struct mage_dump *dump, const char *fmt__str, const u64 *data, u32 data__sz);

#endif /* _MM_MAGE_DUMP_H */
