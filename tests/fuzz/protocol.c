// SPDX-License-Identifier: GPL-2.0-only
/*
 * What clients send to mage-memnoded, before and after they have proved a key.
 *
 * The first byte says what the others are: a request, a hello as it is, a hello
 * that is signed first, as chance does not find what lies behind a right
 * authentication code, a resume or a goodbye.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "protocol.h"

enum {
	REQUEST,
	HELLO,
	SIGNED_HELLO,
	RESUME,
	GOODBYE,
	KINDS,
};

#define HMAC_AT offsetof(struct mage_wire_hello, hmac)

static const struct secret secret = { .len = 16, .bytes = "0123456789abcdef" };
static const uint8_t nonce[MAGE_WIRE_NONCE_LEN] = { 1, 2, 3 };

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* A refusal says why, and reaches the client whole. */
static void check_refusal(const struct verdict *verdict)
{
	struct mage_wire_welcome welcome;
	struct mage_wire_rej rej;

	check(verdict->status != MAGE_WIRE_OK && verdict->message[0], "refused without a reason");
	check(verdict->cause == verdict->status, "refused for another cause than it says");
	check(memchr(verdict->message, '\0', sizeof(verdict->message)), "the reason has no end");
	protocol_make_reject(&rej, verdict);
	check(!strcmp(rej.message, verdict->message), "the reject says something else");
	protocol_make_refusal(&welcome, verdict);
	check(!strcmp(welcome.message, verdict->message), "the refusal says something else");
	check(!welcome.rkey && !welcome.address, "a refusal gives something away");
}

static void try_request(const uint8_t *data, size_t len)
{
	struct verdict verdict = { .status = MAGE_WIRE_OK };
	struct request request;

	if (!protocol_parse_request(data, len, &request, &verdict)) {
		check_refusal(&verdict);
		return;
	}
	check(len >= sizeof(struct mage_wire_req), "a request that is cut off was understood");
	check(request.kind == MAGE_WIRE_CONTROL || request.kind == MAGE_WIRE_DATA ||
		      request.kind == MAGE_WIRE_RESUME,
	      "there is no such kind of connection");
	check(request.queue <= UINT16_MAX, "there is no such queue");
}

static void sign(uint8_t *message)
{
	uint8_t text[sizeof(MAGE_WIRE_LABEL_CLIENT) - 1 + MAGE_WIRE_NONCE_LEN + HMAC_AT];
	size_t label = sizeof(MAGE_WIRE_LABEL_CLIENT) - 1;

	memcpy(text, MAGE_WIRE_LABEL_CLIENT, label);
	memcpy(text + label, nonce, sizeof(nonce));
	memcpy(text + label + sizeof(nonce), message, HMAC_AT);
	HMAC(EVP_sha256(), secret.bytes, (int)secret.len, text, sizeof(text), message + HMAC_AT,
	     NULL);
}

static void try_hello(const uint8_t *data, size_t len, bool is_signed)
{
	struct verdict verdict = { .status = MAGE_WIRE_OK };
	struct hello hello;

	if (!protocol_parse_hello(data, len, &secret, nonce, &hello, &verdict)) {
		check_refusal(&verdict);
		return;
	}
	check(is_signed, "a hello that nobody has signed was accepted");
	check(hello.size && hello.size % MAGE_WIRE_SIZE_UNIT == 0, "that is no size");
	check(hello.nr_queues && hello.nr_queues <= MAGE_WIRE_QUEUES_MAX, "that is no queue");
}

/* Nobody has signed it. */
static void try_resume(const uint8_t *data, size_t len)
{
	static const uint8_t token[MAGE_WIRE_TOKEN_LEN] = { 1, 2, 3 };
	struct verdict verdict = { .status = MAGE_WIRE_OK };
	struct resume resume;

	check(!protocol_parse_resume(data, len, &secret, nonce, token, &resume, &verdict),
	      "a resume that nobody has signed was accepted");
	check_refusal(&verdict);
}

static void try_goodbye(const uint8_t *data, size_t len)
{
	struct verdict verdict = { .status = MAGE_WIRE_OK };

	if (!protocol_parse_goodbye(data, len, &verdict))
		check_refusal(&verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy;

	if (!len)
		return 0;
	/* Of just that size, for the address sanitizer to see what lies behind. */
	copy = malloc(len - 1);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, len - 1);
	switch (data[0] % KINDS) {
	case REQUEST:
		try_request(copy, len - 1);
		break;
	case HELLO:
		try_hello(copy, len - 1, false);
		break;
	case RESUME:
		try_resume(copy, len - 1);
		break;
	case GOODBYE:
		try_goodbye(copy, len - 1);
		break;
	default:
		if (len - 1 >= sizeof(struct mage_wire_hello))
			sign(copy);
		try_hello(copy, len - 1, true);
	}
	free(copy);
	return 0;
}
