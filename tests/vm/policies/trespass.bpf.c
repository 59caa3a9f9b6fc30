// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at a page table in page_in, which is called under the page table's
 * lock: the verifier does not let it load.
 */
#include "mage.bpf.h"

struct mage_batch *nobody;

void MAGE_OP(trespass_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
	struct bpf_iter_mage_list it;

	bpf_iter_mage_list_new(&it, nobody, 0, 0);
	bpf_iter_mage_list_destroy(&it);
}

MAGE_POLICY(trespass, .page_in = (void *)trespass_page_in);
