// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "protocol.h"

static const struct secret secret = { .len = 6, .bytes = "geheim" };
static const struct secret other = { .len = 6, .bytes = "Geheim" };
static const struct secret none;

static uint8_t node_nonce[MAGE_WIRE_NONCE_LEN];

static int fill_nonce(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(node_nonce); i++)
		node_nonce[i] = (uint8_t)(i * 7 + 1);
	return 0;
}

/* Signs as a client does, independently of the code under test. */
static void sign_hello(struct mage_wire_hello *hello, const struct secret *key)
{
	uint8_t text[11 + MAGE_WIRE_NONCE_LEN + offsetof(struct mage_wire_hello, hmac)];

	memcpy(text, "mage client", 11);
	memcpy(text + 11, node_nonce, sizeof(node_nonce));
	memcpy(text + 11 + sizeof(node_nonce), hello, offsetof(struct mage_wire_hello, hmac));
	assert_non_null(HMAC(EVP_sha256(), key->bytes, (int)key->len, text, sizeof(text),
			     hello->hmac, NULL));
}

static struct mage_wire_hello make_hello(uint64_t size, uint16_t nr_queues)
{
	struct mage_wire_hello hello = {
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
		.nr_queues = htobe16(nr_queues),
		.size = htobe64(size),
	};

	memset(hello.nonce, 0x5a, sizeof(hello.nonce));
	sign_hello(&hello, &secret);
	return hello;
}

static enum mage_wire_status status_of(const void *message, size_t len, const struct secret *key)
{
	struct verdict verdict = { .status = MAGE_WIRE_OK };
	struct hello parsed;
	/* As long as the message, for the address sanitizer to see what lies behind. */
	void *copy = malloc(len ? len : 1);

	memcpy(copy, message, len);
	if (!protocol_parse_hello(copy, len, key, node_nonce, &parsed, &verdict)) {
		assert_int_not_equal(verdict.status, MAGE_WIRE_OK);
		assert_int_not_equal(verdict.message[0], '\0');
	}
	free(copy);
	return verdict.status;
}

static void good_hello(void **state)
{
	struct mage_wire_hello message = make_hello(1 << 20, 8);
	struct verdict verdict;
	struct hello hello;

	(void)state;
	assert_true(protocol_parse_hello(&message, sizeof(message), &secret, node_nonce, &hello,
					 &verdict));
	assert_int_equal(hello.size, 1 << 20);
	assert_int_equal(hello.nr_queues, 8);
	assert_memory_equal(hello.nonce, message.nonce, sizeof(hello.nonce));
}

static void hello_without_secret(void **state)
{
	struct mage_wire_hello message = make_hello(1 << 20, 8);

	(void)state;
	assert_int_equal(status_of(&message, sizeof(message), &none), MAGE_WIRE_BAD_SECRET);
	sign_hello(&message, &none);
	assert_int_equal(status_of(&message, sizeof(message), &none), MAGE_WIRE_OK);
	assert_int_equal(status_of(&message, sizeof(message), &secret), MAGE_WIRE_BAD_SECRET);
}

static void hello_with_wrong_secret(void **state)
{
	struct mage_wire_hello message = make_hello(1 << 20, 8);

	(void)state;
	assert_int_equal(status_of(&message, sizeof(message), &other), MAGE_WIRE_BAD_SECRET);
}

/* Every bit counts: of the magic, the version, what is signed, and the code. */
static void hello_with_one_bit_wrong(void **state)
{
	struct mage_wire_hello good = make_hello(1 << 20, 8);

	(void)state;
	for (size_t bit = 0; bit < 8 * sizeof(good); bit++) {
		struct mage_wire_hello message = good;

		((uint8_t *)&message)[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(status_of(&message, sizeof(message), &secret), MAGE_WIRE_OK);
	}
}

/* A code made for another nonce, that is, replayed, is worth nothing. */
static void replayed_hello(void **state)
{
	struct mage_wire_hello message = make_hello(1 << 20, 8);
	enum mage_wire_status status;

	(void)state;
	node_nonce[0] ^= 1;
	status = status_of(&message, sizeof(message), &secret);
	node_nonce[0] ^= 1;
	assert_int_equal(status, MAGE_WIRE_BAD_SECRET);
}

static void hello_of_bad_size(void **state)
{
	static const struct {
		uint64_t size;
		uint16_t nr_queues;
		enum mage_wire_status status;
	} cases[] = {
		{ 0, 1, MAGE_WIRE_BAD_SIZE },
		{ 1, 1, MAGE_WIRE_BAD_SIZE },
		{ 4095, 1, MAGE_WIRE_BAD_SIZE },
		{ 4097, 1, MAGE_WIRE_BAD_SIZE },
		{ UINT64_MAX, 1, MAGE_WIRE_BAD_SIZE },
		{ 4096, 0, MAGE_WIRE_BAD_SIZE },
		{ 4096, MAGE_WIRE_QUEUES_MAX + 1, MAGE_WIRE_BAD_SIZE },
		{ 4096, UINT16_MAX, MAGE_WIRE_BAD_SIZE },
		{ 4096, 1, MAGE_WIRE_OK },
		{ UINT64_MAX - 4095, MAGE_WIRE_QUEUES_MAX, MAGE_WIRE_OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mage_wire_hello message = make_hello(cases[i].size, cases[i].nr_queues);

		assert_int_equal(status_of(&message, sizeof(message), &secret), cases[i].status);
	}
}

/* Who does not know the secret does not learn that the size is wrong, either. */
static void secret_comes_first(void **state)
{
	struct mage_wire_hello message = make_hello(0, 0);

	(void)state;
	assert_int_equal(status_of(&message, sizeof(message), &other), MAGE_WIRE_BAD_SECRET);
}

static void hello_that_is_garbage(void **state)
{
	struct mage_wire_hello message = make_hello(1 << 20, 8);
	uint8_t garbage[512];
	unsigned int seed = 1;

	(void)state;
	for (size_t len = 0; len < sizeof(message); len++)
		assert_int_equal(status_of(&message, len, &secret), MAGE_WIRE_GARBAGE);

	for (int round = 0; round < 1000; round++) {
		for (size_t i = 0; i < sizeof(garbage); i++)
			garbage[i] = (uint8_t)rand_r(&seed);
		assert_int_equal(status_of(garbage, (size_t)rand_r(&seed) % sizeof(garbage),
					   &secret),
				 MAGE_WIRE_GARBAGE);
	}
}

/* Good messages with some bytes changed, cut off or lengthened: whatever comes, an answer. */
static void messages_that_are_damaged(void **state)
{
	struct mage_wire_req good_request = {
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
		.kind = htobe16(MAGE_WIRE_DATA),
	};
	struct mage_wire_hello good_hello = make_hello(1 << 20, 8);
	unsigned int seed = 2, understood = 0;
	struct request request;
	struct verdict verdict;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		bool is_hello = round & 1;
		const void *good = is_hello ? (void *)&good_hello : (void *)&good_request;
		size_t good_len = is_hello ? sizeof(good_hello) : sizeof(good_request);
		size_t len = (size_t)rand_r(&seed) % (2 * good_len);
		uint8_t *message = calloc(1, len ? len : 1);

		memcpy(message, good, len < good_len ? len : good_len);
		for (int i = rand_r(&seed) % 4; len && i; i--)
			message[(size_t)rand_r(&seed) % len] = (uint8_t)rand_r(&seed);
		if (is_hello) {
			status_of(message, len, &secret);
		} else if (protocol_parse_request(message, len, &request, &verdict)) {
			assert_true(request.kind == MAGE_WIRE_CONTROL ||
				    request.kind == MAGE_WIRE_DATA ||
				    request.kind == MAGE_WIRE_RESUME);
			understood++;
		} else {
			assert_int_not_equal(verdict.status, MAGE_WIRE_OK);
			assert_int_not_equal(verdict.message[0], '\0');
		}
		free(message);
	}
	/* Not all of it is refused at the first look. */
	assert_true(understood > 100);
}

/* Transports pad with zeroes. */
static void padding_does_not_matter(void **state)
{
	struct {
		struct mage_wire_hello hello;
		uint8_t padding[100];
	} message = { .hello = make_hello(1 << 20, 8) };

	(void)state;
	assert_int_equal(status_of(&message, sizeof(message), &secret), MAGE_WIRE_OK);
}

static void other_version(void **state)
{
	struct mage_wire_hello message = make_hello(1 << 20, 8);
	struct verdict verdict;
	struct hello hello;

	(void)state;
	message.version = htobe16(MAGE_WIRE_VERSION + 1);
	sign_hello(&message, &secret);
	assert_false(protocol_parse_hello(&message, sizeof(message), &secret, node_nonce, &hello,
					  &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_BAD_VERSION);
	assert_string_equal(verdict.message,
			    "protocol version 2 here, 3 there: update the older side");
}

static void requests(void **state)
{
	struct mage_wire_req message = {
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
		.kind = htobe16(MAGE_WIRE_DATA),
		.queue = htobe16(513),
		.generation = htobe32(70000),
		.token = "0123456789abcde",
	};
	struct mage_wire_req wrong;
	struct request request;
	struct verdict verdict;

	(void)state;
	assert_true(protocol_parse_request(&message, sizeof(message), &request, &verdict));
	assert_int_equal(request.kind, MAGE_WIRE_DATA);
	assert_int_equal(request.queue, 513);
	assert_int_equal(request.generation, 70000);
	assert_memory_equal(request.token, message.token, sizeof(request.token));

	assert_false(protocol_parse_request(NULL, 0, &request, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_GARBAGE);
	for (size_t len = 0; len < sizeof(message); len++) {
		assert_false(protocol_parse_request(&message, len, &request, &verdict));
		assert_int_equal(verdict.status, MAGE_WIRE_GARBAGE);
	}

	wrong = message;
	wrong.magic = MAGE_WIRE_MAGIC;
	assert_false(protocol_parse_request(&wrong, sizeof(wrong), &request, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_GARBAGE);

	/* Of a version that is not ours nothing but the version is understood. */
	wrong = message;
	wrong.version = htobe16(0);
	assert_false(protocol_parse_request(&wrong, 6, &request, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_BAD_VERSION);

	wrong = message;
	wrong.kind = htobe16(MAGE_WIRE_RESUME);
	assert_true(protocol_parse_request(&wrong, sizeof(wrong), &request, &verdict));
	assert_int_equal(request.kind, MAGE_WIRE_RESUME);
	wrong.kind = htobe16(4);
	assert_false(protocol_parse_request(&wrong, sizeof(wrong), &request, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_GARBAGE);
	wrong.kind = 0;
	assert_false(protocol_parse_request(&wrong, sizeof(wrong), &request, &verdict));
}

static void welcome_proves_the_secret(void **state)
{
	const struct grant grant = {
		.size = 1 << 20,
		.address = UINT64_C(0x123456789000),
		.rkey = 0xdeadbeef,
		.token = "0123456789abcde",
	};
	uint8_t text[11 + 2 * MAGE_WIRE_NONCE_LEN + offsetof(struct mage_wire_welcome, hmac)];
	struct mage_wire_welcome welcome;
	struct hello hello = { .size = 1 << 20 };
	uint8_t hmac[MAGE_WIRE_HMAC_LEN];

	(void)state;
	memset(hello.nonce, 0x5a, sizeof(hello.nonce));
	assert_true(protocol_make_welcome(&welcome, &grant, &secret, &hello, node_nonce));
	assert_int_equal(be16toh(welcome.status), MAGE_WIRE_OK);
	assert_int_equal(be64toh(welcome.size), grant.size);
	assert_int_equal(be64toh(welcome.address), grant.address);
	assert_int_equal(be32toh(welcome.rkey), grant.rkey);

	memcpy(text, "mage server", 11);
	memcpy(text + 11, hello.nonce, MAGE_WIRE_NONCE_LEN);
	memcpy(text + 11 + MAGE_WIRE_NONCE_LEN, node_nonce, MAGE_WIRE_NONCE_LEN);
	memcpy(text + 11 + 2 * MAGE_WIRE_NONCE_LEN, &welcome,
	       offsetof(struct mage_wire_welcome, hmac));
	HMAC(EVP_sha256(), secret.bytes, (int)secret.len, text, sizeof(text), hmac, NULL);
	assert_memory_equal(welcome.hmac, hmac, sizeof(hmac));
}

static const uint8_t token[MAGE_WIRE_TOKEN_LEN] = "0123456789abcde";

/* Signs as a client does, independently of the code under test. */
static struct mage_wire_resume make_resume(uint32_t generation, uint16_t nr_queues,
					   const struct secret *key)
{
	struct mage_wire_resume resume = {
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
		.nr_queues = htobe16(nr_queues),
		.generation = htobe32(generation),
	};
	uint8_t text[11 + MAGE_WIRE_NONCE_LEN + offsetof(struct mage_wire_resume, hmac)];

	memset(resume.nonce, 0x3c, sizeof(resume.nonce));
	memcpy(resume.token, token, sizeof(resume.token));
	memcpy(text, "mage resume", 11);
	memcpy(text + 11, node_nonce, sizeof(node_nonce));
	memcpy(text + 11 + sizeof(node_nonce), &resume, offsetof(struct mage_wire_resume, hmac));
	assert_non_null(HMAC(EVP_sha256(), key->bytes, (int)key->len, text, sizeof(text),
			     resume.hmac, NULL));
	return resume;
}

static enum mage_wire_status resume_status(const void *message, size_t len,
					   const struct secret *key)
{
	struct verdict verdict = { .status = MAGE_WIRE_OK };
	struct resume parsed;
	void *copy = malloc(len ? len : 1);

	memcpy(copy, message, len);
	if (!protocol_parse_resume(copy, len, key, node_nonce, token, &parsed, &verdict)) {
		assert_int_not_equal(verdict.status, MAGE_WIRE_OK);
		assert_int_not_equal(verdict.message[0], '\0');
	}
	free(copy);
	return verdict.status;
}

static void good_resume(void **state)
{
	struct mage_wire_resume message = make_resume(70000, 8, &secret);
	struct verdict verdict;
	struct resume resume;

	(void)state;
	assert_true(protocol_parse_resume(&message, sizeof(message), &secret, node_nonce, token,
					  &resume, &verdict));
	assert_int_equal(resume.generation, 70000);
	assert_int_equal(resume.nr_queues, 8);
	assert_memory_equal(resume.nonce, message.nonce, sizeof(resume.nonce));
}

/* Of another session, of who does not know its key, replayed, changed on the wire. */
static void resume_that_is_not_the_clients(void **state)
{
	struct mage_wire_resume good = make_resume(1, 8, &secret);
	struct mage_wire_resume message = good;
	enum mage_wire_status status;
	struct verdict verdict;
	struct resume resume;
	uint8_t another[MAGE_WIRE_TOKEN_LEN];

	(void)state;
	assert_int_equal(resume_status(&good, sizeof(good), &secret), MAGE_WIRE_OK);
	assert_int_equal(resume_status(&good, sizeof(good), &other), MAGE_WIRE_BAD_SECRET);
	node_nonce[0] ^= 1;
	status = resume_status(&good, sizeof(good), &secret);
	node_nonce[0] ^= 1;
	assert_int_equal(status, MAGE_WIRE_BAD_SECRET);
	memcpy(another, token, sizeof(another));
	another[0] ^= 1;
	assert_false(protocol_parse_resume(&good, sizeof(good), &secret, node_nonce, another,
					   &resume, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_BAD_SECRET);
	for (size_t bit = 0; bit < 8 * sizeof(good); bit++) {
		message = good;
		((uint8_t *)&message)[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(resume_status(&message, sizeof(message), &secret),
				     MAGE_WIRE_OK);
	}
}

static void resume_that_is_cut_off(void **state)
{
	struct mage_wire_resume message = make_resume(1, 8, &secret);
	struct mage_wire_hello hello = make_hello(1 << 20, 8);

	(void)state;
	for (size_t len = 0; len < sizeof(message); len++)
		assert_int_equal(resume_status(&message, len, &secret), MAGE_WIRE_GARBAGE);
	/* The other message that it could be is shorter. */
	assert_int_equal(resume_status(&hello, sizeof(hello), &secret), MAGE_WIRE_GARBAGE);
	message = make_resume(1, 0, &secret);
	assert_int_equal(resume_status(&message, sizeof(message), &secret), MAGE_WIRE_BAD_SIZE);
	message = make_resume(1, MAGE_WIRE_QUEUES_MAX + 1, &secret);
	assert_int_equal(resume_status(&message, sizeof(message), &secret), MAGE_WIRE_BAD_SIZE);
}

static void goodbyes(void **state)
{
	struct mage_wire_goodbye message = {
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
	};
	struct verdict verdict;

	(void)state;
	assert_true(protocol_parse_goodbye(&message, sizeof(message), &verdict));
	for (size_t len = 0; len < sizeof(message); len++) {
		assert_false(protocol_parse_goodbye(&message, len, &verdict));
		assert_int_equal(verdict.status, MAGE_WIRE_GARBAGE);
	}
	message.magic = 0;
	assert_false(protocol_parse_goodbye(&message, sizeof(message), &verdict));
}

static void session_keys(void **state)
{
	uint8_t text[12 + 2 * MAGE_WIRE_NONCE_LEN + MAGE_WIRE_TOKEN_LEN];
	struct hello hello = { .size = 1 << 20 };
	uint8_t hmac[MAGE_WIRE_HMAC_LEN];
	struct secret key;

	(void)state;
	memset(hello.nonce, 0x5a, sizeof(hello.nonce));
	assert_true(protocol_session_key(&key, &secret, &hello, node_nonce, token));
	memcpy(text, "mage session", 12);
	memcpy(text + 12, hello.nonce, MAGE_WIRE_NONCE_LEN);
	memcpy(text + 12 + MAGE_WIRE_NONCE_LEN, node_nonce, MAGE_WIRE_NONCE_LEN);
	memcpy(text + 12 + 2 * MAGE_WIRE_NONCE_LEN, token, sizeof(token));
	HMAC(EVP_sha256(), secret.bytes, (int)secret.len, text, sizeof(text), hmac, NULL);
	assert_int_equal(key.len, sizeof(hmac));
	assert_memory_equal(key.bytes, hmac, sizeof(hmac));
}

static void refusals_say_why_and_nothing_else(void **state)
{
	static const struct mage_wire_welcome zero;
	struct mage_wire_welcome welcome;
	struct verdict verdict;
	struct mage_wire_rej rej;
	char text[2 * MAGE_WIRE_MESSAGE_LEN];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_false(refuse(&verdict, MAGE_WIRE_FULL, "%s", text));

	protocol_make_reject(&rej, &verdict);
	assert_int_equal(be16toh(rej.status), MAGE_WIRE_FULL);
	assert_int_equal(strnlen(rej.message, sizeof(rej.message)), sizeof(rej.message) - 1);

	protocol_make_refusal(&welcome, &verdict);
	assert_int_equal(be16toh(welcome.status), MAGE_WIRE_FULL);
	assert_int_equal(strnlen(welcome.message, sizeof(welcome.message)),
			 sizeof(welcome.message) - 1);
	assert_memory_equal(welcome.hmac, zero.hmac, sizeof(zero.hmac));
	assert_memory_equal(welcome.token, zero.token, sizeof(zero.token));
	assert_int_equal(welcome.address, 0);
	assert_int_equal(welcome.rkey, 0);
}

static void replies(void **state)
{
	static const uint8_t zero[MAGE_WIRE_NONCE_LEN];
	struct mage_wire_rep rep;

	(void)state;
	protocol_make_reply(&rep, node_nonce);
	assert_int_equal(be32toh(rep.magic), MAGE_WIRE_MAGIC);
	assert_int_equal(be16toh(rep.version), MAGE_WIRE_VERSION);
	assert_memory_equal(rep.nonce, node_nonce, sizeof(node_nonce));
	protocol_make_reply(&rep, NULL);
	assert_memory_equal(rep.nonce, zero, sizeof(zero));
}

static void tokens(void **state)
{
	uint8_t a[MAGE_WIRE_TOKEN_LEN] = { 1, 2, 3 };
	uint8_t b[MAGE_WIRE_TOKEN_LEN] = { 1, 2, 3 };

	(void)state;
	assert_true(token_equal(a, b));
	b[MAGE_WIRE_TOKEN_LEN - 1] = 1;
	assert_false(token_equal(a, b));
	b[MAGE_WIRE_TOKEN_LEN - 1] = 0;
	b[0] = 0;
	assert_false(token_equal(a, b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_hello),
		cmocka_unit_test(hello_without_secret),
		cmocka_unit_test(hello_with_wrong_secret),
		cmocka_unit_test(hello_with_one_bit_wrong),
		cmocka_unit_test(replayed_hello),
		cmocka_unit_test(hello_of_bad_size),
		cmocka_unit_test(secret_comes_first),
		cmocka_unit_test(hello_that_is_garbage),
		cmocka_unit_test(messages_that_are_damaged),
		cmocka_unit_test(padding_does_not_matter),
		cmocka_unit_test(other_version),
		cmocka_unit_test(requests),
		cmocka_unit_test(welcome_proves_the_secret),
		cmocka_unit_test(good_resume),
		cmocka_unit_test(resume_that_is_not_the_clients),
		cmocka_unit_test(resume_that_is_cut_off),
		cmocka_unit_test(goodbyes),
		cmocka_unit_test(session_keys),
		cmocka_unit_test(refusals_say_why_and_nothing_else),
		cmocka_unit_test(replies),
		cmocka_unit_test(tokens),
	};

	return cmocka_run_group_tests(tests, fill_nonce, NULL);
}
