/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keys that this node knows.
 */
#ifndef MEMNODE_KEYRING_H
#define MEMNODE_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "key.h"
#include "options.h"
#include "protocol.h"

/* Each hello is compared with all of them. */
#define KEYRING_MAX 1024

struct keyring {
	struct key *keys;
	unsigned int nr; /* those that are not revoked */
};

/*
 * Reads the keys that the options name.  Where the keyring has some they are
 * brought up to date: a key keeps its sessions; one that is gone takes no new
 * sessions, and is forgotten with its last one.  Returns 0, or -1 with a
 * sentence in error and the keyring as it was.
 */
int keyring_load(struct keyring *keyring, const struct options *options, char *error,
		 size_t error_len);
void keyring_clear(struct keyring *keyring);

/* The key that the hello was signed with; NULL with a refusal in *verdict. */
struct key *keyring_check_hello(const struct keyring *keyring, const void *data, size_t len,
				const uint8_t nonce[static MAGE_WIRE_NONCE_LEN],
				struct hello *hello, struct verdict *verdict);

/*
 * The key of that name, which has a session of so many bytes already; one that is
 * not there any more is revoked.  NULL for want of memory.
 */
struct key *keyring_restore(struct keyring *keyring, const char *name, uint64_t size);

/* Ends a session of the key, which is gone then if it was revoked. */
void keyring_give_back(struct keyring *keyring, struct key *key, uint64_t size);

#endif
