// SPDX-License-Identifier: GPL-2.0-only
#include "protocol.h"

#include <endian.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/* Label, two nonces and the longest message. */
#define SIGNED_MAX (16 + 2 * MAGE_WIRE_NONCE_LEN + sizeof(struct mage_wire_welcome))

static bool sign(const struct secret *secret, const char *label, const uint8_t *nonce1,
		 const uint8_t *nonce2, const void *message, size_t len,
		 uint8_t hmac[static MAGE_WIRE_HMAC_LEN])
{
	uint8_t text[SIGNED_MAX];
	size_t used = strlen(label);

	memcpy(text, label, used);
	memcpy(text + used, nonce1, MAGE_WIRE_NONCE_LEN);
	used += MAGE_WIRE_NONCE_LEN;
	if (nonce2) {
		memcpy(text + used, nonce2, MAGE_WIRE_NONCE_LEN);
		used += MAGE_WIRE_NONCE_LEN;
	}
	memcpy(text + used, message, len);
	used += len;

	return HMAC(EVP_sha256(), secret->bytes, (int)secret->len, text, used, hmac, NULL);
}

bool refuse(struct verdict *verdict, enum mage_wire_status status, const char *fmt, ...)
{
	va_list args;

	verdict->status = status;
	verdict->cause = status;
	va_start(args, fmt);
	vsnprintf(verdict->message, sizeof(verdict->message), fmt, args);
	va_end(args);
	return false;
}

bool token_equal(const uint8_t a[static MAGE_WIRE_TOKEN_LEN],
		 const uint8_t b[static MAGE_WIRE_TOKEN_LEN])
{
	return !CRYPTO_memcmp(a, b, MAGE_WIRE_TOKEN_LEN);
}

/* Checks what all messages begin with. */
static bool parse_head(const void *data, size_t len, size_t least, struct verdict *verdict)
{
	__be32 magic;
	__be16 version;

	if (len < sizeof(magic) + sizeof(version))
		return refuse(verdict, MAGE_WIRE_GARBAGE, "that was no message of Mage");
	memcpy(&magic, data, sizeof(magic));
	memcpy(&version, (const uint8_t *)data + sizeof(magic), sizeof(version));
	if (be32toh(magic) != MAGE_WIRE_MAGIC)
		return refuse(verdict, MAGE_WIRE_GARBAGE, "that was no message of Mage");
	if (be16toh(version) != MAGE_WIRE_VERSION)
		return refuse(verdict, MAGE_WIRE_BAD_VERSION,
			      "protocol version %u here, %u there: update the older side",
			      MAGE_WIRE_VERSION, be16toh(version));
	if (len < least)
		return refuse(verdict, MAGE_WIRE_GARBAGE, "the message is cut off");
	return true;
}

bool protocol_parse_request(const void *data, size_t len, struct request *request,
			    struct verdict *verdict)
{
	struct mage_wire_req req;

	if (!parse_head(data, len, sizeof(req), verdict))
		return false;
	memcpy(&req, data, sizeof(req));

	switch (be16toh(req.kind)) {
	case MAGE_WIRE_CONTROL:
	case MAGE_WIRE_DATA:
	case MAGE_WIRE_RESUME:
		break;
	default:
		return refuse(verdict, MAGE_WIRE_GARBAGE, "%u is no kind of connection",
			      be16toh(req.kind));
	}

	request->kind = be16toh(req.kind);
	request->queue = be16toh(req.queue);
	request->generation = be32toh(req.generation);
	memcpy(request->token, req.token, sizeof(request->token));
	return true;
}

static bool check_queues(unsigned int nr_queues, struct verdict *verdict)
{
	if (nr_queues && nr_queues <= MAGE_WIRE_QUEUES_MAX)
		return true;
	return refuse(verdict, MAGE_WIRE_BAD_SIZE, "%u queues are not from 1 to %d", nr_queues,
		      MAGE_WIRE_QUEUES_MAX);
}

bool protocol_parse_hello(const void *data, size_t len, const struct secret *secret,
			  const uint8_t nonce[static MAGE_WIRE_NONCE_LEN], struct hello *hello,
			  struct verdict *verdict)
{
	uint8_t hmac[MAGE_WIRE_HMAC_LEN];
	struct mage_wire_hello message;

	if (!parse_head(data, len, sizeof(message), verdict))
		return false;
	memcpy(&message, data, sizeof(message));

	/* Whoever does not know the secret learns nothing else. */
	if (!sign(secret, MAGE_WIRE_LABEL_CLIENT, nonce, NULL, &message,
		  offsetof(struct mage_wire_hello, hmac), hmac))
		return refuse(verdict, MAGE_WIRE_NO_MEMORY, "HMAC-SHA256 failed on the node");
	if (CRYPTO_memcmp(hmac, message.hmac, sizeof(hmac)))
		return refuse(verdict, MAGE_WIRE_BAD_SECRET,
			      secret->len ? "the secret is not the memory node's" :
					    "the memory node runs without a secret");

	hello->size = be64toh(message.size);
	hello->nr_queues = be16toh(message.nr_queues);
	memcpy(hello->nonce, message.nonce, sizeof(hello->nonce));

	if (!hello->size)
		return refuse(verdict, MAGE_WIRE_BAD_SIZE, "the size must not be zero");
	if (hello->size % MAGE_WIRE_SIZE_UNIT)
		return refuse(verdict, MAGE_WIRE_BAD_SIZE, "%" PRIu64 " bytes is no multiple of %d",
			      hello->size, MAGE_WIRE_SIZE_UNIT);
	return check_queues(hello->nr_queues, verdict);
}

bool protocol_parse_resume(const void *data, size_t len, const struct secret *key,
			   const uint8_t nonce[static MAGE_WIRE_NONCE_LEN],
			   const uint8_t token[static MAGE_WIRE_TOKEN_LEN], struct resume *resume,
			   struct verdict *verdict)
{
	uint8_t hmac[MAGE_WIRE_HMAC_LEN];
	struct mage_wire_resume message;

	if (!parse_head(data, len, sizeof(message), verdict))
		return false;
	memcpy(&message, data, sizeof(message));

	if (!sign(key, MAGE_WIRE_LABEL_RESUME, nonce, NULL, &message,
		  offsetof(struct mage_wire_resume, hmac), hmac))
		return refuse(verdict, MAGE_WIRE_NO_MEMORY, "HMAC-SHA256 failed on the node");
	if (CRYPTO_memcmp(hmac, message.hmac, sizeof(hmac)) || !token_equal(message.token, token))
		return refuse(verdict, MAGE_WIRE_BAD_SECRET, "the session is another client's");

	resume->generation = be32toh(message.generation);
	resume->nr_queues = be16toh(message.nr_queues);
	memcpy(resume->nonce, message.nonce, sizeof(resume->nonce));
	return check_queues(resume->nr_queues, verdict);
}

bool protocol_parse_goodbye(const void *data, size_t len, struct verdict *verdict)
{
	return parse_head(data, len, sizeof(struct mage_wire_goodbye), verdict);
}

bool protocol_session_key(struct secret *key, const struct secret *secret,
			  const struct hello *hello,
			  const uint8_t nonce[static MAGE_WIRE_NONCE_LEN],
			  const uint8_t token[static MAGE_WIRE_TOKEN_LEN])
{
	key->len = MAGE_WIRE_HMAC_LEN;
	return sign(secret, MAGE_WIRE_LABEL_KEY, hello->nonce, nonce, token, MAGE_WIRE_TOKEN_LEN,
		    key->bytes);
}

void protocol_make_reply(struct mage_wire_rep *rep, const uint8_t *nonce)
{
	*rep = (struct mage_wire_rep){
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
	};
	if (nonce)
		memcpy(rep->nonce, nonce, sizeof(rep->nonce));
}

void protocol_make_reject(struct mage_wire_rej *rej, const struct verdict *verdict)
{
	*rej = (struct mage_wire_rej){
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
		.status = htobe16(verdict->status),
	};
	snprintf(rej->message, sizeof(rej->message), "%s", verdict->message);
}

void protocol_make_refusal(struct mage_wire_welcome *welcome, const struct verdict *verdict)
{
	*welcome = (struct mage_wire_welcome){
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
		.status = htobe16(verdict->status),
	};
	snprintf(welcome->message, sizeof(welcome->message), "%s", verdict->message);
}

bool protocol_make_welcome(struct mage_wire_welcome *welcome, const struct grant *grant,
			   const struct secret *secret, const struct hello *hello,
			   const uint8_t nonce[static MAGE_WIRE_NONCE_LEN])
{
	*welcome = (struct mage_wire_welcome){
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
		.status = htobe16(MAGE_WIRE_OK),
		.size = htobe64(grant->size),
		.address = htobe64(grant->address),
		.rkey = htobe32(grant->rkey),
	};
	memcpy(welcome->token, grant->token, sizeof(welcome->token));

	return sign(secret, MAGE_WIRE_LABEL_NODE, hello->nonce, nonce, welcome,
		    offsetof(struct mage_wire_welcome, hmac), welcome->hmac);
}
