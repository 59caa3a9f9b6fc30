/* SPDX-License-Identifier: GPL-2.0-only */
/* The callbacks of one of the policies of interpreter.bpf.c, that of number POLICY. */

s32 OP_SLEEPABLE(NAME(init), struct mage_domain *domain)
{
	ACT(CB_INIT, anywhere, domain);
	return (s32)answer(domain, &TABLE.answer[CB_INIT], ~0ULL);
}

void OP_SLEEPABLE(NAME(exit), struct mage_domain *domain, const struct mage_exit_info *info)
{
	ACT(CB_EXIT, anywhere, domain);
	seen.of[POLICY].exit_kind = info->kind;
	bpf_probe_read_kernel_str((char *)seen.of[POLICY].exit_message,
				  sizeof(seen.of[POLICY].exit_message), info->message);
	__sync_fetch_and_add(&seen.of[POLICY].exits, 1);
}

void OP(NAME(page_in), struct mage_domain *domain, struct mage_frame *frame, u32 why,
	const struct mage_ghost *ghost)
{
	u64 n = ghost->distance ^ ghost->address ^ ghost->word ^ ghost->slot ^ why;

	if (TABLE.remembers)
		remember(POLICY, domain, frame);
	n = of_frame(domain, frame, &TABLE.action[CB_PAGE_IN][0], n);
	n = of_frame(domain, frame, &TABLE.action[CB_PAGE_IN][1], n);
	of_frame(domain, frame, &TABLE.action[CB_PAGE_IN][2], n);
}

void OP(NAME(page_out), struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
	if (TABLE.remembers)
		forget(POLICY, domain, frame);
	ACT(CB_PAGE_OUT, of_frame, domain, frame);
}

void OP(NAME(hint), struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	ACT(CB_HINT, of_frame, domain, frame);
}

void OP(NAME(outcome), struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	ACT(CB_OUTCOME, of_frame, domain, frame);
}

void OP(NAME(prefetch), struct mage_domain *domain, struct mage_fault *fault)
{
	ACT(CB_PREFETCH, of_fault, domain, fault);
}

u32 OP(NAME(no_room), struct mage_domain *domain, u32 nr)
{
	ACT(CB_NO_ROOM, governing, domain);
	return answer(domain, &TABLE.answer[CB_NO_ROOM], ~0ULL);
}

u32 OP(NAME(evictors), struct mage_domain *domain)
{
	ACT(CB_EVICTORS, governing, domain);
	return answer(domain, &TABLE.answer[CB_EVICTORS], ~0ULL);
}

u32 OP(NAME(depth), struct mage_domain *domain)
{
	ACT(CB_DEPTH, governing, domain);
	return answer(domain, &TABLE.answer[CB_DEPTH], ~0ULL);
}

u64 OP(NAME(headroom), struct mage_domain *domain, u64 limit)
{
	ACT(CB_HEADROOM, governing, domain);
	return answer(domain, &TABLE.answer[CB_HEADROOM], limit);
}

u32 OP(NAME(batch_size), struct mage_domain *domain, u32 wanted)
{
	ACT(CB_BATCH_SIZE, governing, domain);
	return answer(domain, &TABLE.answer[CB_BATCH_SIZE], ~0ULL);
}

void OP(NAME(select), struct mage_domain *domain, struct mage_batch *batch)
{
	ACT(CB_SELECT, governing, domain);
	if (TABLE.remembers)
		pick_remembered(POLICY, batch);
	nests(domain, batch, TABLE.nest[0]);
	if (TABLE.takes_all)
		take_all(domain, batch);
}

void OP(NAME(tick), struct mage_domain *domain, const struct mage_rates *rates,
	struct mage_batch *scan)
{
	ACT(CB_TICK, governing, domain);
	nests(domain, scan, TABLE.nest[1]);
}

u32 OP(NAME(reserve), struct mage_domain *domain, u32 nr)
{
	ACT(CB_RESERVE, governing, domain);
	return answer(domain, &TABLE.answer[CB_RESERVE], ~0ULL);
}

POLICY_TABLE(NAME(policy), .init = (void *)NAME(init), .exit = (void *)NAME(exit),
	     .page_in = (void *)NAME(page_in), .page_out = (void *)NAME(page_out),
	     .hint = (void *)NAME(hint), .prefetch = (void *)NAME(prefetch),
	     .no_room = (void *)NAME(no_room), .evictors = (void *)NAME(evictors),
	     .depth = (void *)NAME(depth), .headroom = (void *)NAME(headroom),
	     .batch_size = (void *)NAME(batch_size), .select = (void *)NAME(select),
	     .outcome = (void *)NAME(outcome), .tick = (void *)NAME(tick),
	     .reserve = (void *)NAME(reserve));
