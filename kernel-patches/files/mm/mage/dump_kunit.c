// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of what policies say of themselves, and of what is counted of their calls.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include "callback.h"
#include "domain.h"
#include "dump.h"
#include "exitlog.h"
#include "govern.h"
#include "knobs.h"
#include "replace.h"

/**
 * struct dump_test - what each test works on
 * @domain: a domain of no cgroup
 * @policy: what governs the domain
 * @next: what is to govern it after that
 * @dump: a text
 * @record: of a policy that left
 * @said: its text
 */
struct dump_test {
	struct mage_domain *domain;
	struct mage_ops policy;
	struct mage_ops next;
	struct mage_dump dump;
	struct mage_exit_record record;
	char said[MAGE_DUMP_LEN];
};

static int dump_test_init(struct kunit *test)
{
	struct dump_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!mage_enabled)
		kunit_skip(test, "booted with mage=off");
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->domain = mage_domain_new();
	KUNIT_ASSERT_NOT_NULL(test, t->domain);
	test->priv = t;
	t->domain->root_stats = alloc_percpu(struct mage_root_stats);
	KUNIT_ASSERT_NOT_NULL(test, t->domain->root_stats);
	KUNIT_ASSERT_TRUE(test, mage_dump_start(&t->dump, GFP_KERNEL));
	t->domain->shards.id = MAGE_DOMAIN_IDS - 5;
	strscpy(t->policy.name, "kunit");
	strscpy(t->next.name, "next");
	RCU_INIT_POINTER(t->domain->policy, &t->policy);
	return 0;
}

static void dump_test_exit(struct kunit *test)
{
	struct dump_test *t = test->priv;

	if (!t)
		return;
	kfree(t->dump.text);
	mage_domain_free(&t->domain->rcu);
}

static void text_is_formatted(struct kunit *test)
{
	struct dump_test *t = test->priv;
	const u64 args[] = { 7, -3LL, (uintptr_t)"words" };

	KUNIT_EXPECT_EQ(test, mage_dump_bstr(&t->dump, "%llu %lld %s\n", args, sizeof(args)), 0);
	KUNIT_EXPECT_EQ(test, mage_dump_bstr(&t->dump, "no more\n", args, 0), 0);
	KUNIT_EXPECT_STREQ(test, t->dump.text, "7 -3 words\nno more\n");
	KUNIT_EXPECT_EQ(test, t->dump.len, strlen(t->dump.text));
	KUNIT_EXPECT_FALSE(test, t->dump.cut);
}

/* One after the other, until it is full: of the last there is a part. */
static void text_that_does_not_fit_is_cut(struct kunit *test)
{
	struct dump_test *t = test->priv;
	const u64 args[] = { 0 };
	unsigned int i = 0;

	while (!mage_dump_bstr(&t->dump, "0123456789 %llu\n", args, sizeof(args)))
		if (++i > MAGE_DUMP_LEN)
			break;
	KUNIT_EXPECT_EQ(test, i, (MAGE_DUMP_LEN - 1) / 13);
	KUNIT_EXPECT_TRUE(test, t->dump.cut);
	KUNIT_EXPECT_EQ(test, t->dump.len, MAGE_DUMP_LEN - 1);
	KUNIT_EXPECT_EQ(test, strnlen(t->dump.text, MAGE_DUMP_LEN), MAGE_DUMP_LEN - 1);
	KUNIT_EXPECT_EQ(test, mage_dump_bstr(&t->dump, "x", args, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, strnlen(t->dump.text, MAGE_DUMP_LEN), MAGE_DUMP_LEN - 1);
}

/* What just fits is all there was to say. */
static void text_that_just_fits_is_not_cut(struct kunit *test)
{
	struct dump_test *t = test->priv;
	const u64 args[] = { 0 };
	unsigned int i;

	for (i = 0; i < MAGE_DUMP_LEN - 1; i++)
		KUNIT_ASSERT_EQ(test, mage_dump_bstr(&t->dump, "x", args, 0), 0);
	KUNIT_EXPECT_FALSE(test, t->dump.cut);
	KUNIT_EXPECT_EQ(test, mage_dump_bstr(&t->dump, "x", args, 0), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, t->dump.cut);
}

static void bad_format_writes_nothing(struct kunit *test)
{
	struct dump_test *t = test->priv;
	const u64 args[MAX_BPRINTF_VARARGS + 1] = {};

	KUNIT_EXPECT_EQ(test, mage_dump_bstr(&t->dump, "%llu", args, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_dump_bstr(&t->dump, "%llu", args, 4), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_dump_bstr(&t->dump, "%llu", args, sizeof(args)), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_dump_bstr(&t->dump, "%y", args, 8), -EINVAL);
	KUNIT_EXPECT_EQ(test, t->dump.len, 0);
}

static u32 answer_two(struct mage_domain *domain)
{
	return 2;
}

static u32 answer_nine(struct mage_domain *domain)
{
	return 9;
}

static void called(struct kunit *test, unsigned int callback, u64 calls, u64 errors)
{
	struct mage_callback_stats now[MAGE_CALLBACKS];
	struct dump_test *t = test->priv;

	mutex_lock(&mage_tree_mutex);
	mage_policy_called(t->domain, now);
	mutex_unlock(&mage_tree_mutex);
	KUNIT_EXPECT_EQ(test, now[callback].calls, calls);
	KUNIT_EXPECT_EQ(test, now[callback].errors, errors);
}

/* The last policy that left. */
static void look_at_last_record(struct dump_test *t)
{
	u64 after = 0;

	while (mage_exit_log_next(after, &t->record, t->said))
		after = t->record.number;
}

static void calls_are_counted_for_the_policy_that_governs(struct kunit *test)
{
	struct dump_test *t = test->priv;
	struct mage_exit_info info = { .kind = MAGE_EXIT_REPLACED };
	struct mage_leaver leaver;

	t->policy.depth = answer_two;
	t->next.depth = answer_two;
	mage_policy_depth(t->domain);
	mage_policy_depth(t->domain);
	mage_policy_evictors(t->domain);
	called(test, MAGE_CALLBACK_DEPTH, 2, 0);
	called(test, MAGE_CALLBACK_EVICTORS, 0, 0);
	mutex_lock(&t->domain->policy_mutex);
	mage_policy_replace(t->domain, &t->next, &info, &leaver);
	mutex_unlock(&t->domain->policy_mutex);
	called(test, MAGE_CALLBACK_DEPTH, 0, 0);
	mage_policy_depth(t->domain);
	called(test, MAGE_CALLBACK_DEPTH, 1, 0);
	look_at_last_record(t);
	KUNIT_EXPECT_TRUE(test, t->record.governed);
	KUNIT_EXPECT_EQ(test, t->record.callback[MAGE_CALLBACK_DEPTH].calls, 2);
}

static void last_words(struct mage_domain *domain, struct mage_dump *dump)
{
	const u64 args[] = { rcu_access_pointer(mage_domain_root(domain)->policy) ==
			     READ_ONCE(domain->ejected) };

	mage_dump_bstr(dump, "ejected and still there: %llu\n", args, sizeof(args));
}

static void last_words_are_in_the_record(struct kunit *test)
{
	struct dump_test *t = test->priv;

	t->policy.depth = answer_nine;
	t->policy.dump = last_words;
	mage_policy_depth(t->domain);
	flush_work(&t->domain->eject_work);
	look_at_last_record(t);
	KUNIT_EXPECT_EQ(test, t->record.info.kind, MAGE_EXIT_BAD_NUMBER);
	KUNIT_EXPECT_STREQ(test, t->said, "ejected and still there: 1\n");
	KUNIT_EXPECT_FALSE(test, t->record.dump_cut);
	KUNIT_EXPECT_EQ(test, t->record.callback[MAGE_CALLBACK_DEPTH].calls, 1);
	KUNIT_EXPECT_EQ(test, t->record.callback[MAGE_CALLBACK_DEPTH].errors, 1);
	/* It was not asked by people. */
	KUNIT_EXPECT_EQ(test, t->record.callback[MAGE_CALLBACK_DUMP].calls, 0);
	called(test, MAGE_CALLBACK_DEPTH, 0, 0);
}

static void policy_that_goes_in_peace_says_nothing(struct kunit *test)
{
	struct mage_exit_info info = { .kind = MAGE_EXIT_REPLACED };
	struct mage_leaver leaver;
	struct dump_test *t = test->priv;

	t->policy.dump = last_words;
	mutex_lock(&t->domain->policy_mutex);
	mage_policy_replace(t->domain, &t->next, &info, &leaver);
	mutex_unlock(&t->domain->policy_mutex);
	look_at_last_record(t);
	KUNIT_EXPECT_EQ(test, t->record.info.kind, MAGE_EXIT_REPLACED);
	KUNIT_EXPECT_STREQ(test, t->said, "");
}

static void callbacks_have_the_names_of_the_members(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, mage_callback_name(MAGE_CALLBACK_PAGE_IN), "page_in");
	KUNIT_EXPECT_STREQ(test, mage_callback_name(MAGE_CALLBACK_DUMP), "dump");
	KUNIT_EXPECT_NOT_NULL(test, mage_callback_name(MAGE_CALLBACKS));
}

static struct kunit_case dump_test_cases[] = {
	KUNIT_CASE(text_is_formatted),
	KUNIT_CASE(text_that_does_not_fit_is_cut),
	KUNIT_CASE(text_that_just_fits_is_not_cut),
	KUNIT_CASE(bad_format_writes_nothing),
	KUNIT_CASE(calls_are_counted_for_the_policy_that_governs),
	KUNIT_CASE(last_words_are_in_the_record),
	KUNIT_CASE(policy_that_goes_in_peace_says_nothing),
	KUNIT_CASE(callbacks_have_the_names_of_the_members),
	{}
};

static struct kunit_suite dump_test_suite = {
	.name = "mage_dump",
	.init = dump_test_init,
	.exit = dump_test_exit,
	.test_cases = dump_test_cases,
};

kunit_test_suite(dump_test_suite);
