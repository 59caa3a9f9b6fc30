// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of what the rdma backend makes of the messages of a memory
 * node, or of somebody in its place: each field forged, and each length.
 */
#include <crypto/hash.h>
#include <kunit/test.h>
#include <linux/mage_backend.h>
#include <linux/netlink.h>
#include <linux/string.h>
#include <uapi/linux/mage_wire.h>

#include "conn.h"
#include "handshake.h"
#include "say.h"
#include "session.h"

#define SIZE	BIT_ULL(20)
#define ADDRESS	0x7f00deadb000ULL
#define RKEY	0x1234abcd

/**
 * struct handshake_test - what each test works on
 * @session: a session that has not begun
 * @conn: its control connection, of which there is no more than the structure
 * @to: what it is to be with
 * @hello: what was sent
 * @welcome: the right answer, signed
 * @reply: a message, with place for padding
 * @extack: gets sentences
 */
struct handshake_test {
	struct mage_rdma_session session;
	struct mage_rdma_conn conn;
	struct mage_connect to;
	struct mage_wire_hello hello;
	struct mage_wire_welcome welcome;
	u8 reply[255];
	struct netlink_ext_ack extack;
};

static u8 *append(u8 *end, const void *part, size_t len)
{
	memcpy(end, part, len);
	return end + len;
}

/* HMAC-SHA256 over parts in a row; not the code under test's. */
static void sign(struct kunit *test, const struct mage_connect *to,
		 const char *label, const u8 *nonce1, const u8 *nonce2,
		 const void *message, size_t len, u8 *hmac)
{
	struct crypto_shash *tfm = crypto_alloc_shash("hmac(sha256)", 0, 0);
	u8 text[512], *end = text;
	int err;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tfm);
	end = append(end, label, strlen(label));
	end = append(end, nonce1, MAGE_WIRE_NONCE_LEN);
	if (nonce2)
		end = append(end, nonce2, MAGE_WIRE_NONCE_LEN);
	end = append(end, message, len);
	err = crypto_shash_setkey(tfm, to->secret, to->secret_len);
	if (!err)
		err = crypto_shash_tfm_digest(tfm, text, end - text, hmac);
	crypto_free_shash(tfm);
	KUNIT_ASSERT_EQ(test, err, 0);
}

/* Signs the welcome as a memory node with a secret, and nonces, does. */
static void sign_welcome(struct kunit *test, const struct mage_connect *as)
{
	struct handshake_test *t = test->priv;

	sign(test, as, MAGE_WIRE_LABEL_NODE, t->hello.nonce, t->conn.rep.nonce,
	     &t->welcome, offsetof(struct mage_wire_welcome, hmac),
	     t->welcome.hmac);
}

static void set_secret(struct mage_connect *to, const char *secret)
{
	to->secret_len = strlen(secret);
	memcpy(to->secret, secret, to->secret_len);
}

static int handshake_test_init(struct kunit *test)
{
	struct handshake_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	strscpy(t->session.name, "a test");
	t->session.nr_readers = 2;
	t->session.nr_writers = 3;
	t->conn.session = &t->session;
	t->to.size = SIZE;
	set_secret(&t->to, "open sesame");
	for (i = 0; i < MAGE_WIRE_NONCE_LEN; i++) {
		t->hello.nonce[i] = 0x40 + i;
		t->conn.rep.nonce[i] = 0x80 + i;
	}
	t->welcome.magic = cpu_to_be32(MAGE_WIRE_MAGIC);
	t->welcome.version = cpu_to_be16(MAGE_WIRE_VERSION);
	t->welcome.size = cpu_to_be64(SIZE);
	t->welcome.address = cpu_to_be64(ADDRESS);
	t->welcome.rkey = cpu_to_be32(RKEY);
	for (i = 0; i < MAGE_WIRE_TOKEN_LEN; i++)
		t->welcome.token[i] = i + 1;
	strscpy(t->welcome.message, "welcome");
	sign_welcome(test, &t->to);
	return 0;
}

static int check(struct handshake_test *t, u32 len)
{
	/* What refuses writes into it. */
	struct mage_wire_welcome welcome = t->welcome;

	t->extack = (struct netlink_ext_ack){};
	return mage_rdma_check_welcome(&t->session, &t->to, t->conn.rep.nonce,
				       t->hello.nonce, &welcome, len, &t->extack);
}

/* The welcome is refused so, with a sentence, and nothing of it is used. */
static void refused(struct kunit *test, int err, const char *why)
{
	struct handshake_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, check(t, sizeof(t->welcome)), err);
	KUNIT_ASSERT_NOT_NULL(test, t->extack._msg);
	if (why)
		KUNIT_EXPECT_STREQ(test, t->extack._msg, why);
	KUNIT_EXPECT_EQ(test, t->session.remote_addr, 0);
	KUNIT_EXPECT_EQ(test, t->session.rkey, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(t->session.token, 0,
					   sizeof(t->session.token)));
}

#define BAD_SECRET	"the memory node does not know the secret"
#define BAD_SIZE	"the memory node reserved another size than was asked for"
#define BAD_ADDRESS	"the memory node names memory beyond the last address"
#define GARBAGE		"the memory node sent garbage: is it a mage-memnoded?"

static void hello_says_what_is_wanted(struct kunit *test)
{
	struct handshake_test *t = test->priv;
	struct mage_wire_hello hello = {}, again = {};
	u8 hmac[MAGE_WIRE_HMAC_LEN];

	KUNIT_ASSERT_EQ(test, mage_rdma_make_hello(&t->session, &t->to,
						   t->conn.rep.nonce, &hello), 0);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(hello.magic), MAGE_WIRE_MAGIC);
	KUNIT_EXPECT_EQ(test, be16_to_cpu(hello.version), MAGE_WIRE_VERSION);
	KUNIT_EXPECT_EQ(test, be16_to_cpu(hello.nr_queues), 5);
	KUNIT_EXPECT_EQ(test, be64_to_cpu(hello.size), SIZE);
	sign(test, &t->to, MAGE_WIRE_LABEL_CLIENT, t->conn.rep.nonce, NULL,
	     &hello, offsetof(struct mage_wire_hello, hmac), hmac);
	KUNIT_EXPECT_MEMEQ(test, hello.hmac, hmac, sizeof(hmac));
	/* A nonce is used once. */
	KUNIT_ASSERT_EQ(test, mage_rdma_make_hello(&t->session, &t->to,
						   t->conn.rep.nonce, &again), 0);
	KUNIT_EXPECT_MEMNEQ(test, hello.nonce, again.nonce, sizeof(hello.nonce));
}

static void welcome_is_taken(struct kunit *test)
{
	struct handshake_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, check(t, sizeof(t->welcome)), 0);
	KUNIT_EXPECT_EQ(test, t->session.remote_addr, ADDRESS);
	KUNIT_EXPECT_EQ(test, t->session.rkey, RKEY);
	KUNIT_EXPECT_MEMEQ(test, t->session.token, t->welcome.token,
			   MAGE_WIRE_TOKEN_LEN);
}

/* Computed elsewhere, so that it is the protocol's, whatever code we share. */
static void authentication_code_is_that_of_the_protocol(struct kunit *test)
{
	static const u8 known[MAGE_WIRE_HMAC_LEN] = {
		0xb6, 0xc2, 0x6c, 0x89, 0xc8, 0xfc, 0x18, 0xd8,
		0x54, 0x78, 0xce, 0x64, 0x3e, 0x24, 0x9e, 0x20,
		0xf5, 0x55, 0xb5, 0xcc, 0xb2, 0xa1, 0xc2, 0x8d,
		0x11, 0xd2, 0x12, 0xfb, 0x91, 0x0f, 0x15, 0x9a,
	};
	struct handshake_test *t = test->priv;

	memcpy(t->welcome.hmac, known, sizeof(known));
	KUNIT_EXPECT_EQ(test, check(t, sizeof(t->welcome)), 0);
}

/* On the wire anybody can change any bit. */
static void no_bit_of_a_welcome_can_be_changed(struct kunit *test)
{
	struct handshake_test *t = test->priv;
	u8 *byte = (u8 *)&t->welcome;
	unsigned int i;

	for (i = 0; i < sizeof(t->welcome); i++) {
		const u8 bit = 1 << i % 8;

		/* A status other than 0 is a refusal, which anybody can send. */
		if (i >= offsetof(struct mage_wire_welcome, status) &&
		    i < offsetofend(struct mage_wire_welcome, status))
			continue;
		byte[i] ^= bit;
		if (i < offsetofend(struct mage_wire_welcome, magic))
			refused(test, -EPROTO, GARBAGE);
		else
			refused(test, -EKEYREJECTED, BAD_SECRET);
		byte[i] ^= bit;
	}
	KUNIT_EXPECT_EQ(test, check(t, sizeof(t->welcome)), 0);
}

static void welcome_of_another_length_is_garbage(struct kunit *test)
{
	struct handshake_test *t = test->priv;
	const u32 lengths[] = {
		0, 1, sizeof(t->welcome.magic),
		offsetof(struct mage_wire_welcome, hmac),
		sizeof(t->welcome) - 1, sizeof(t->welcome) + 1, U32_MAX,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		KUNIT_EXPECT_EQ(test, check(t, lengths[i]), -EPROTO);
		KUNIT_EXPECT_STREQ(test, t->extack._msg, GARBAGE);
	}
	KUNIT_EXPECT_EQ(test, t->session.rkey, 0);
}

static void others_secrets_are_refused(struct kunit *test)
{
	static const char *const secrets[] = {
		"", "open sesam", "open sesame ", "Open sesame",
		"0123456789012345678901234567890123456789012345678901234567890123",
	};
	struct handshake_test *t = test->priv;
	struct mage_connect other = t->to;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(secrets); i++) {
		set_secret(&other, secrets[i]);
		sign_welcome(test, &other);
		refused(test, -EKEYREJECTED, BAD_SECRET);
	}
	memset(t->welcome.hmac, 0, sizeof(t->welcome.hmac));
	refused(test, -EKEYREJECTED, BAD_SECRET);
}

/* No secret at all is one that everybody knows, and the longest is used in full. */
static void secrets_of_any_length_will_do(struct kunit *test)
{
	struct handshake_test *t = test->priv;

	t->to.secret_len = 0;
	sign_welcome(test, &t->to);
	KUNIT_EXPECT_EQ(test, check(t, sizeof(t->welcome)), 0);
	memset(t->to.secret, 'x', sizeof(t->to.secret));
	t->to.secret_len = sizeof(t->to.secret);
	sign_welcome(test, &t->to);
	t->session = (struct mage_rdma_session){};
	t->to.secret[sizeof(t->to.secret) - 1]++;
	refused(test, -EKEYREJECTED, BAD_SECRET);
	t->to.secret[sizeof(t->to.secret) - 1]--;
	KUNIT_EXPECT_EQ(test, check(t, sizeof(t->welcome)), 0);
}

/* A welcome of another session, recorded by somebody on the wire. */
static void welcome_is_for_one_session(struct kunit *test)
{
	struct handshake_test *t = test->priv;

	t->hello.nonce[0]++;
	refused(test, -EKEYREJECTED, BAD_SECRET);
	t->hello.nonce[0]--;
	t->conn.rep.nonce[MAGE_WIRE_NONCE_LEN - 1]++;
	refused(test, -EKEYREJECTED, BAD_SECRET);
	t->conn.rep.nonce[MAGE_WIRE_NONCE_LEN - 1]--;
	/* What a client signs is no answer to one. */
	sign(test, &t->to, MAGE_WIRE_LABEL_CLIENT, t->hello.nonce,
	     t->conn.rep.nonce, &t->welcome,
	     offsetof(struct mage_wire_welcome, hmac), t->welcome.hmac);
	refused(test, -EKEYREJECTED, BAD_SECRET);
	sign(test, &t->to, MAGE_WIRE_LABEL_NODE, t->conn.rep.nonce,
	     t->hello.nonce, &t->welcome,
	     offsetof(struct mage_wire_welcome, hmac), t->welcome.hmac);
	refused(test, -EKEYREJECTED, BAD_SECRET);
}

/* A memory node that knows the secret may be of another version, or broken. */
static void what_was_not_asked_for_is_refused(struct kunit *test)
{
	const u64 sizes[] = { 0, 1, SIZE - 1, SIZE + 1, SIZE / 2, U64_MAX,
			      (u64)U32_MAX + 1 + SIZE };
	const u16 versions[] = { 0, MAGE_WIRE_VERSION + 1, 0x100, U16_MAX };
	struct handshake_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		t->welcome.size = cpu_to_be64(sizes[i]);
		sign_welcome(test, &t->to);
		refused(test, -EPROTO, BAD_SIZE);
	}
	t->welcome.size = cpu_to_be64(SIZE);
	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		t->welcome.version = cpu_to_be16(versions[i]);
		sign_welcome(test, &t->to);
		refused(test, -EPROTO, BAD_SIZE);
	}
}

static void memory_that_ends_nowhere_is_refused(struct kunit *test)
{
	const u64 bad[] = { U64_MAX, U64_MAX - 1, U64_MAX - SIZE + 1 };
	const u64 good[] = { 0, 1, U64_MAX - SIZE };
	struct handshake_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		t->welcome.address = cpu_to_be64(bad[i]);
		sign_welcome(test, &t->to);
		refused(test, -EPROTO, BAD_ADDRESS);
	}
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		t->welcome.address = cpu_to_be64(good[i]);
		sign_welcome(test, &t->to);
		KUNIT_EXPECT_EQ(test, check(t, sizeof(t->welcome)), 0);
		KUNIT_EXPECT_EQ(test, t->session.remote_addr, good[i]);
	}
}

/* Which error a memory node's status stands for. */
static const struct {
	u16 status;
	int err;
} errors[] = {
	{ MAGE_WIRE_GARBAGE, -EPROTO },
	{ MAGE_WIRE_BAD_VERSION, -EPROTO },
	{ MAGE_WIRE_BAD_SECRET, -EKEYREJECTED },
	{ MAGE_WIRE_BAD_SIZE, -EINVAL },
	{ MAGE_WIRE_TOO_LARGE, -EFBIG },
	{ MAGE_WIRE_FULL, -ENOSPC },
	{ MAGE_WIRE_TOO_MANY, -EUSERS },
	{ MAGE_WIRE_BAD_TOKEN, -ESTALE },
	{ MAGE_WIRE_NO_MEMORY, -ENOMEM },
	{ MAGE_WIRE_STOPPING, -ESHUTDOWN },
	{ MAGE_WIRE_STALE, -EPROTO },
	{ MAGE_WIRE_ELSEWHERE, -EPROTO },
	{ MAGE_WIRE_ELSEWHERE + 1, -EPROTO },
	{ U16_MAX, -EPROTO },
};

/* A refusal is not signed, and nothing but its sentence is read. */
static void refusals_say_why(struct kunit *test)
{
	struct handshake_test *t = test->priv;
	unsigned int i;

	memset(t->welcome.hmac, 0, sizeof(t->welcome.hmac));
	strscpy(t->welcome.message, "no");
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		t->welcome.status = cpu_to_be16(errors[i].status);
		refused(test, errors[i].err, "refused: no");
	}
	/* Without an end, and not for people. */
	memset(t->welcome.message, '\x1b', sizeof(t->welcome.message));
	refused(test, -EPROTO, NULL);
	KUNIT_EXPECT_LT(test, strlen(t->extack._msg), NETLINK_MAX_FMTMSG_LEN);
	KUNIT_EXPECT_NULL(test, strchr(t->extack._msg, '\x1b'));
	KUNIT_EXPECT_TRUE(test, str_has_prefix(t->extack._msg, "refused: ???"));
	t->welcome.message[0] = '\xff';
	t->welcome.message[1] = '\n';
	t->welcome.message[2] = '\0';
	refused(test, -EPROTO, "refused: ??");
	t->welcome.message[0] = '\0';
	refused(test, -EPROTO, "refused: ");
}

/* A session that was welcomed, and is to be resumed for the @generation-th time. */
static void welcomed(struct kunit *test, u32 generation)
{
	struct handshake_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, check(t, sizeof(t->welcome)), 0);
	t->session.size = SIZE;
	KUNIT_ASSERT_EQ(test, mage_rdma_make_key(&t->session, &t->to, t->conn.rep.nonce,
						 t->hello.nonce), 0);
	t->session.generation = generation;
}

static int check_again(struct handshake_test *t)
{
	struct mage_wire_welcome welcome = t->welcome;

	t->extack = (struct netlink_ext_ack){};
	return mage_rdma_check_welcome(&t->session, &t->session.again, t->conn.rep.nonce,
				       t->hello.nonce, &welcome, sizeof(welcome),
				       &t->extack);
}

/* The key of a session is not the secret, and each session has another one. */
static void session_has_a_key_of_its_own(struct kunit *test)
{
	struct handshake_test *t = test->priv;
	u8 key[MAGE_WIRE_HMAC_LEN];

	welcomed(test, 1);
	sign(test, &t->to, MAGE_WIRE_LABEL_KEY, t->hello.nonce, t->conn.rep.nonce,
	     t->welcome.token, MAGE_WIRE_TOKEN_LEN, key);
	KUNIT_EXPECT_EQ(test, t->session.again.secret_len, MAGE_WIRE_HMAC_LEN);
	KUNIT_EXPECT_EQ(test, t->session.again.size, SIZE);
	KUNIT_EXPECT_MEMEQ(test, t->session.again.secret, key, sizeof(key));
	t->hello.nonce[0]++;
	KUNIT_ASSERT_EQ(test, mage_rdma_make_key(&t->session, &t->to, t->conn.rep.nonce,
						 t->hello.nonce), 0);
	KUNIT_EXPECT_MEMNEQ(test, t->session.again.secret, key, sizeof(key));
}

static void resume_says_which_session(struct kunit *test)
{
	struct handshake_test *t = test->priv;
	struct mage_wire_resume resume = {}, again = {};
	u8 hmac[MAGE_WIRE_HMAC_LEN];

	welcomed(test, 70000);
	KUNIT_ASSERT_EQ(test, mage_rdma_make_resume(&t->session, t->conn.rep.nonce,
						    &resume), 0);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(resume.magic), MAGE_WIRE_MAGIC);
	KUNIT_EXPECT_EQ(test, be16_to_cpu(resume.version), MAGE_WIRE_VERSION);
	KUNIT_EXPECT_EQ(test, be16_to_cpu(resume.nr_queues), 5);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(resume.generation), 70000);
	KUNIT_EXPECT_MEMEQ(test, resume.token, t->welcome.token, MAGE_WIRE_TOKEN_LEN);
	sign(test, &t->session.again, MAGE_WIRE_LABEL_RESUME, t->conn.rep.nonce, NULL,
	     &resume, offsetof(struct mage_wire_resume, hmac), hmac);
	KUNIT_EXPECT_MEMEQ(test, resume.hmac, hmac, sizeof(hmac));
	KUNIT_ASSERT_EQ(test, mage_rdma_make_resume(&t->session, t->conn.rep.nonce,
						    &again), 0);
	KUNIT_EXPECT_MEMNEQ(test, resume.nonce, again.nonce, sizeof(resume.nonce));
}

/* Who answers a resume has to know the key of the session; the secret is not enough. */
static void welcome_back_is_that_of_the_session(struct kunit *test)
{
	struct handshake_test *t = test->priv;

	welcomed(test, 1);
	KUNIT_EXPECT_EQ(test, check_again(t), -EKEYREJECTED);
	t->welcome.rkey = cpu_to_be32(RKEY + 1);
	sign_welcome(test, &t->session.again);
	KUNIT_EXPECT_EQ(test, check_again(t), 0);
	KUNIT_EXPECT_EQ(test, t->session.rkey, RKEY + 1);
	/* To another message than the one that was sent. */
	t->hello.nonce[0]++;
	KUNIT_EXPECT_EQ(test, check_again(t), -EKEYREJECTED);
	t->hello.nonce[0]--;
	/* Not what we had. */
	t->welcome.token[0]++;
	t->welcome.rkey = cpu_to_be32(RKEY + 2);
	sign_welcome(test, &t->session.again);
	KUNIT_EXPECT_EQ(test, check_again(t), -EPROTO);
	t->welcome.token[0]--;
	t->welcome.size = cpu_to_be64(SIZE / 2);
	sign_welcome(test, &t->session.again);
	KUNIT_EXPECT_EQ(test, check_again(t), -EPROTO);
	KUNIT_EXPECT_EQ(test, t->session.rkey, RKEY + 1);
}

static void reply_is_taken_with_its_padding(struct kunit *test)
{
	struct handshake_test *t = test->priv;
	struct mage_wire_rep rep = {
		.magic = cpu_to_be32(MAGE_WIRE_MAGIC),
		.version = cpu_to_be16(MAGE_WIRE_VERSION),
	};

	memset(rep.nonce, 0x5a, sizeof(rep.nonce));
	memset(t->reply, 0xff, sizeof(t->reply));
	memcpy(t->reply, &rep, sizeof(rep));
	KUNIT_EXPECT_EQ(test, mage_rdma_conn_take_rep(&t->conn, t->reply,
						      sizeof(rep)), 0);
	KUNIT_EXPECT_MEMEQ(test, t->conn.rep.nonce, rep.nonce, sizeof(rep.nonce));
	memset(&t->conn.rep, 0, sizeof(t->conn.rep));
	KUNIT_EXPECT_EQ(test, mage_rdma_conn_take_rep(&t->conn, t->reply,
						      sizeof(t->reply)), 0);
	KUNIT_EXPECT_MEMEQ(test, t->conn.rep.nonce, rep.nonce, sizeof(rep.nonce));
}

static void reply_of_another_kind_is_refused(struct kunit *test)
{
	struct handshake_test *t = test->priv;
	struct mage_wire_rep *rep = (void *)t->reply;
	unsigned int i;

	rep->magic = cpu_to_be32(MAGE_WIRE_MAGIC);
	rep->version = cpu_to_be16(MAGE_WIRE_VERSION);
	/* Reserved, and ignored. */
	rep->reserved = cpu_to_be16(7);
	KUNIT_EXPECT_EQ(test, mage_rdma_conn_take_rep(&t->conn, rep,
						      sizeof(*rep)), 0);
	KUNIT_EXPECT_EQ(test, mage_rdma_conn_take_rep(&t->conn, NULL, 0), -EPROTO);
	KUNIT_EXPECT_EQ(test, mage_rdma_conn_take_rep(&t->conn, NULL, U8_MAX),
			-EPROTO);
	for (i = 0; i < sizeof(*rep); i++)
		KUNIT_EXPECT_EQ(test, mage_rdma_conn_take_rep(&t->conn, rep, i),
				-EPROTO);
	for (i = 0; i < offsetofend(struct mage_wire_rep, version); i++) {
		t->reply[i] ^= 1;
		KUNIT_EXPECT_EQ(test, mage_rdma_conn_take_rep(&t->conn, rep,
							      sizeof(*rep)), -EPROTO);
		t->reply[i] ^= 1;
	}
	KUNIT_EXPECT_FALSE(test, t->conn.up);
}

static void reject_is_a_memory_nodes_or_nobodys(struct kunit *test)
{
	struct handshake_test *t = test->priv;
	struct mage_wire_rej *rej = (void *)t->reply;
	unsigned int i;

	/* Its sentence has no end. */
	memset(t->reply, 'x', sizeof(t->reply));
	rej->magic = cpu_to_be32(MAGE_WIRE_MAGIC);
	rej->status = cpu_to_be16(MAGE_WIRE_FULL);
	mage_rdma_conn_take_rej(&t->conn, NULL, 0);
	mage_rdma_conn_take_rej(&t->conn, NULL, U8_MAX);
	for (i = 0; i < sizeof(*rej); i++)
		mage_rdma_conn_take_rej(&t->conn, rej, i);
	KUNIT_EXPECT_FALSE(test, t->conn.refused);
	for (i = 0; i < sizeof(rej->magic); i++) {
		t->reply[i] ^= 1;
		mage_rdma_conn_take_rej(&t->conn, rej, sizeof(*rej));
		t->reply[i] ^= 1;
	}
	KUNIT_EXPECT_FALSE(test, t->conn.refused);
	mage_rdma_conn_take_rej(&t->conn, rej, sizeof(t->reply));
	KUNIT_EXPECT_TRUE(test, t->conn.refused);
	KUNIT_EXPECT_EQ(test, be16_to_cpu(t->conn.rej.status), MAGE_WIRE_FULL);
	KUNIT_EXPECT_EQ(test, strnlen(t->conn.rej.message, MAGE_WIRE_MESSAGE_LEN),
			MAGE_WIRE_MESSAGE_LEN - 1);
	KUNIT_EXPECT_EQ(test, mage_rdma_refusal(t->session.name, MAGE_WIRE_FULL,
						t->conn.rej.message, &t->extack), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, str_has_prefix(t->extack._msg, "refused: xxx"));
}

static struct kunit_case handshake_test_cases[] = {
	KUNIT_CASE(hello_says_what_is_wanted),
	KUNIT_CASE(welcome_is_taken),
	KUNIT_CASE(authentication_code_is_that_of_the_protocol),
	KUNIT_CASE(no_bit_of_a_welcome_can_be_changed),
	KUNIT_CASE(welcome_of_another_length_is_garbage),
	KUNIT_CASE(others_secrets_are_refused),
	KUNIT_CASE(secrets_of_any_length_will_do),
	KUNIT_CASE(welcome_is_for_one_session),
	KUNIT_CASE(what_was_not_asked_for_is_refused),
	KUNIT_CASE(memory_that_ends_nowhere_is_refused),
	KUNIT_CASE(refusals_say_why),
	KUNIT_CASE(session_has_a_key_of_its_own),
	KUNIT_CASE(resume_says_which_session),
	KUNIT_CASE(welcome_back_is_that_of_the_session),
	KUNIT_CASE(reply_is_taken_with_its_padding),
	KUNIT_CASE(reply_of_another_kind_is_refused),
	KUNIT_CASE(reject_is_a_memory_nodes_or_nobodys),
	{}
};

static struct kunit_suite handshake_test_suite = {
	.name = "mage_rdma_handshake",
	.init = handshake_test_init,
	.test_cases = handshake_test_cases,
};

kunit_test_suite(handshake_test_suite);
