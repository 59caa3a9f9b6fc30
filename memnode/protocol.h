/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The messages of linux/mage_wire.h: checking what clients send and making
 * what they get.  Nothing here touches the network.
 */
#ifndef MEMNODE_PROTOCOL_H
#define MEMNODE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/mage_wire.h>

#include "common/secret.h"

/* An answer that may be a refusal: then message says why. */
struct verdict {
	enum mage_wire_status status;
	unsigned int cause; /* the status, or an enum refusal */
	char message[MAGE_WIRE_MESSAGE_LEN];
};

/* A connection request that was understood. */
struct request {
	enum mage_wire_kind kind;
	unsigned int queue;
	uint32_t generation;
	uint8_t token[MAGE_WIRE_TOKEN_LEN];
};

/* A hello from a client that knows the secret. */
struct hello {
	uint64_t size;
	unsigned int nr_queues;
	uint8_t nonce[MAGE_WIRE_NONCE_LEN];
};

/* A resume from the client whose session it is. */
struct resume {
	uint32_t generation;
	unsigned int nr_queues;
	uint8_t nonce[MAGE_WIRE_NONCE_LEN];
};

/* What a client gets. */
struct grant {
	uint64_t size;
	uint64_t address;
	uint32_t rkey;
	uint8_t token[MAGE_WIRE_TOKEN_LEN];
};

/* Sets *verdict; returns false, so that a check can end with it. */
bool refuse(struct verdict *verdict, enum mage_wire_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* True when equal; takes the same time wherever the first difference is. */
bool token_equal(const uint8_t a[static MAGE_WIRE_TOKEN_LEN],
		 const uint8_t b[static MAGE_WIRE_TOKEN_LEN]);

/* data may be NULL when len is 0.  False with a refusal in *verdict. */
bool protocol_parse_request(const void *data, size_t len, struct request *request,
			    struct verdict *verdict);
bool protocol_parse_hello(const void *data, size_t len, const struct secret *secret,
			  const uint8_t nonce[static MAGE_WIRE_NONCE_LEN], struct hello *hello,
			  struct verdict *verdict);
/* key is that of the session that token names. */
bool protocol_parse_resume(const void *data, size_t len, const struct secret *key,
			   const uint8_t nonce[static MAGE_WIRE_NONCE_LEN],
			   const uint8_t token[static MAGE_WIRE_TOKEN_LEN], struct resume *resume,
			   struct verdict *verdict);
bool protocol_parse_goodbye(const void *data, size_t len, struct verdict *verdict);

/*
 * The key of a session, from the secret that its client knows.  False when it
 * cannot be computed.
 */
bool protocol_session_key(struct secret *key, const struct secret *secret,
			  const struct hello *hello,
			  const uint8_t nonce[static MAGE_WIRE_NONCE_LEN],
			  const uint8_t token[static MAGE_WIRE_TOKEN_LEN]);

/* nonce is NULL on data connections. */
void protocol_make_reply(struct mage_wire_rep *rep, const uint8_t *nonce);
void protocol_make_reject(struct mage_wire_rej *rej, const struct verdict *verdict);
void protocol_make_refusal(struct mage_wire_welcome *welcome, const struct verdict *verdict);
/*
 * secret is the session's key when it was resumed, and hello has the nonce of
 * the resume.  False when the authentication code cannot be computed.
 */
bool protocol_make_welcome(struct mage_wire_welcome *welcome, const struct grant *grant,
			   const struct secret *secret, const struct hello *hello,
			   const uint8_t nonce[static MAGE_WIRE_NONCE_LEN]);

#endif
