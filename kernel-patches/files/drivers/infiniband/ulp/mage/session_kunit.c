// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of the states of a session with a memory node: what follows what,
 * who is told, and which operations are admitted.
 */
#include <kunit/test.h>
#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "session.h"

/**
 * struct session_test - what each test works on
 * @session: the session, connecting, without connections
 * @entered: what its owner was told last, or a number that is no state
 * @seen: the state that the session was in then
 * @stops: how often its owner was told to stop
 */
struct session_test {
	struct mage_rdma_session session;
	int entered;
	enum mage_rdma_session_state seen;
	unsigned int stops;
};

static struct session_test *test_of(struct mage_rdma_session *session)
{
	return container_of(session, struct session_test, session);
}

static void enters(struct mage_rdma_session *session, enum mage_rdma_session_state state)
{
	test_of(session)->entered = state;
	test_of(session)->seen = session->state;
}

static void stopped(struct mage_rdma_session *session)
{
	test_of(session)->stops++;
}

static const struct mage_rdma_session_ops session_test_ops = {
	.enters = enters,
	.stopped = stopped,
};

static int session_test_init(struct kunit *test)
{
	struct session_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->entered = -1;
	strscpy(t->session.name, "a test");
	t->session.loss_timeout_ms = 1000 * MSEC_PER_SEC;
	return mage_rdma_session_init(&t->session, &session_test_ops);
}

static void session_test_exit(struct kunit *test)
{
	struct session_test *t = test->priv;

	if (t)
		mage_rdma_session_exit(&t->session);
}

static void expect(struct kunit *test, enum mage_rdma_session_state state, int entered,
		   unsigned int stops)
{
	struct session_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, t->session.state, state);
	KUNIT_EXPECT_EQ(test, t->entered, entered);
	KUNIT_EXPECT_EQ(test, t->stops, stops);
	KUNIT_EXPECT_EQ(test, mage_rdma_live(&t->session), state == MAGE_RDMA_LIVE);
	KUNIT_EXPECT_EQ(test, mage_rdma_not_live_error(&t->session),
			state == MAGE_RDMA_FAILED ? -EIO : -EAGAIN);
}

static void lost_while_it_connects(struct kunit *test)
{
	struct session_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, mage_rdma_opening(&t->session));
	mage_rdma_lost(&t->session, "gone");
	/* Whoever connects sees to the rest. */
	expect(test, MAGE_RDMA_FAILED, -1, 0);
	KUNIT_EXPECT_FALSE(test, mage_rdma_opening(&t->session));
	KUNIT_EXPECT_FALSE(test, mage_rdma_session_go_live(&t->session));
	KUNIT_EXPECT_FALSE(test, mage_rdma_session_begin_resume(&t->session));
	expect(test, MAGE_RDMA_FAILED, -1, 0);
}

static void lost_and_resumed(struct kunit *test)
{
	struct session_test *t = test->priv;

	KUNIT_ASSERT_TRUE(test, mage_rdma_session_go_live(&t->session));
	expect(test, MAGE_RDMA_LIVE, -1, 0);
	KUNIT_EXPECT_FALSE(test, mage_rdma_session_begin_resume(&t->session));

	mage_rdma_lost(&t->session, "a link is %s", "down");
	expect(test, MAGE_RDMA_SUSPENDED, MAGE_RDMA_SUSPENDED, 1);
	KUNIT_EXPECT_STREQ(test, t->session.why, "a link is down");
	/* Told before anybody could see it. */
	KUNIT_EXPECT_EQ(test, t->seen, MAGE_RDMA_LIVE);
	/* Every connection says so, and every work request. */
	mage_rdma_lost(&t->session, "flushed");
	expect(test, MAGE_RDMA_SUSPENDED, MAGE_RDMA_SUSPENDED, 1);
	KUNIT_EXPECT_STREQ(test, t->session.why, "a link is down");
	KUNIT_EXPECT_FALSE(test, mage_rdma_session_go_live(&t->session));

	KUNIT_ASSERT_TRUE(test, mage_rdma_session_begin_resume(&t->session));
	KUNIT_EXPECT_TRUE(test, mage_rdma_opening(&t->session));
	expect(test, MAGE_RDMA_RESUMING, MAGE_RDMA_SUSPENDED, 1);
	KUNIT_ASSERT_TRUE(test, mage_rdma_session_go_live(&t->session));
	expect(test, MAGE_RDMA_LIVE, MAGE_RDMA_LIVE, 1);
	KUNIT_EXPECT_EQ(test, t->seen, MAGE_RDMA_LIVE);
}

static void lost_again_while_it_resumes(struct kunit *test)
{
	struct session_test *t = test->priv;

	mage_rdma_session_go_live(&t->session);
	mage_rdma_lost(&t->session, "first");
	mage_rdma_session_begin_resume(&t->session);
	mage_rdma_lost(&t->session, "second");
	expect(test, MAGE_RDMA_SUSPENDED, MAGE_RDMA_SUSPENDED, 1);
	/* Since when, and why, is what it was. */
	KUNIT_EXPECT_STREQ(test, t->session.why, "first");
	KUNIT_EXPECT_FALSE(test, mage_rdma_session_go_live(&t->session));
	KUNIT_EXPECT_TRUE(test, mage_rdma_session_begin_resume(&t->session));
}

static void not_to_be_suspended(struct kunit *test)
{
	struct session_test *t = test->priv;

	t->session.loss_timeout_ms = 0;
	mage_rdma_session_go_live(&t->session);
	mage_rdma_lost(&t->session, "gone");
	expect(test, MAGE_RDMA_FAILED, MAGE_RDMA_FAILED, 1);
}

static void failed_is_for_good(struct kunit *test)
{
	struct session_test *t = test->priv;

	mage_rdma_session_go_live(&t->session);
	mage_rdma_lost(&t->session, "lost");
	mage_rdma_session_begin_resume(&t->session);
	mage_rdma_fail(&t->session, "it has freed the memory");
	expect(test, MAGE_RDMA_FAILED, MAGE_RDMA_FAILED, 2);
	KUNIT_EXPECT_STREQ(test, t->session.why, "it has freed the memory");
	mage_rdma_fail(&t->session, "once more");
	mage_rdma_lost(&t->session, "once more");
	expect(test, MAGE_RDMA_FAILED, MAGE_RDMA_FAILED, 2);
	KUNIT_EXPECT_FALSE(test, mage_rdma_session_go_live(&t->session));
	KUNIT_EXPECT_FALSE(test, mage_rdma_session_begin_resume(&t->session));
	KUNIT_EXPECT_EQ(test, mage_rdma_session_expire(&t->session), 0);
	KUNIT_EXPECT_STREQ(test, t->session.why, "it has freed the memory");
}

static void suspended_for_too_long(struct kunit *test)
{
	struct session_test *t = test->priv;
	unsigned long left, all = msecs_to_jiffies(t->session.loss_timeout_ms);

	mage_rdma_session_go_live(&t->session);
	KUNIT_EXPECT_EQ(test, mage_rdma_session_expire(&t->session), 0);
	expect(test, MAGE_RDMA_LIVE, -1, 0);
	mage_rdma_lost(&t->session, "lost");
	left = mage_rdma_session_expire(&t->session);
	KUNIT_EXPECT_GT(test, left, 0);
	KUNIT_EXPECT_LE(test, left, all);
	expect(test, MAGE_RDMA_SUSPENDED, MAGE_RDMA_SUSPENDED, 1);

	/* While it tries, too. */
	mage_rdma_session_begin_resume(&t->session);
	t->session.lost_at = jiffies - all;
	KUNIT_EXPECT_EQ(test, mage_rdma_session_expire(&t->session), 0);
	expect(test, MAGE_RDMA_FAILED, MAGE_RDMA_FAILED, 2);
	KUNIT_EXPECT_STREQ(test, t->session.why,
			   "lost, and it was not back after 1000000 ms");
}

/* What the last loss leaves behind does not end a session that came back. */
static void time_begins_anew(struct kunit *test)
{
	struct session_test *t = test->priv;

	mage_rdma_session_go_live(&t->session);
	mage_rdma_lost(&t->session, "lost");
	t->session.lost_at = jiffies - msecs_to_jiffies(t->session.loss_timeout_ms);
	mage_rdma_session_begin_resume(&t->session);
	mage_rdma_session_go_live(&t->session);
	KUNIT_EXPECT_EQ(test, mage_rdma_session_expire(&t->session), 0);
	expect(test, MAGE_RDMA_LIVE, MAGE_RDMA_LIVE, 1);
	mage_rdma_lost(&t->session, "lost again");
	KUNIT_EXPECT_GT(test, mage_rdma_session_expire(&t->session), 0);
	expect(test, MAGE_RDMA_SUSPENDED, MAGE_RDMA_SUSPENDED, 2);
}

static void ended_by_its_owner(struct kunit *test)
{
	struct session_test *t = test->priv;

	KUNIT_EXPECT_FALSE(test, mage_rdma_session_end(&t->session));
	t->session.state = MAGE_RDMA_LIVE;
	KUNIT_EXPECT_TRUE(test, mage_rdma_session_end(&t->session));
	/* Nobody is told, and nothing can happen any more. */
	mage_rdma_lost(&t->session, "lost");
	mage_rdma_fail(&t->session, "failed");
	expect(test, MAGE_RDMA_FAILED, -1, 0);
}

static void operations_are_admitted_and_refused(struct kunit *test)
{
	struct session_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_TRUE(test, mage_rdma_session_get(&t->session));
		mage_rdma_session_refuse(&t->session);
		mage_rdma_session_refuse(&t->session);
		KUNIT_EXPECT_FALSE(test, mage_rdma_session_get(&t->session));
		KUNIT_EXPECT_FALSE(test, mage_rdma_session_is_idle(&t->session));
		mage_rdma_session_put(&t->session);
		KUNIT_EXPECT_TRUE(test, mage_rdma_session_is_idle(&t->session));
		KUNIT_EXPECT_TRUE(test, mage_rdma_session_is_idle(&t->session));
		KUNIT_EXPECT_FALSE(test, mage_rdma_session_get(&t->session));
		mage_rdma_session_admit(&t->session);
		mage_rdma_session_admit(&t->session);
	}
}

static struct kunit_case session_test_cases[] = {
	KUNIT_CASE(lost_while_it_connects),
	KUNIT_CASE(lost_and_resumed),
	KUNIT_CASE(lost_again_while_it_resumes),
	KUNIT_CASE(not_to_be_suspended),
	KUNIT_CASE(failed_is_for_good),
	KUNIT_CASE(suspended_for_too_long),
	KUNIT_CASE(time_begins_anew),
	KUNIT_CASE(ended_by_its_owner),
	KUNIT_CASE(operations_are_admitted_and_refused),
	{}
};

static struct kunit_suite session_test_suite = {
	.name = "mage_rdma_session",
	.init = session_test_init,
	.exit = session_test_exit,
	.test_cases = session_test_cases,
};

kunit_test_suite(session_test_suite);
