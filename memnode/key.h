/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A key: what a client proves that it knows, and what it gets for that.
 */
#ifndef MEMNODE_KEY_H
#define MEMNODE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/secret.h"
#include "protocol.h"

/* Longest name, its NUL included. */
#define KEY_NAME_LEN 64
/* Longest text of a key's file in bytes. */
#define KEY_TEXT_MAX 4096
/* Of a number that has no limit. */
#define KEY_UNLIMITED UINT64_MAX

/* What the administrator says. */
struct key_settings {
	struct secret secret;
	uint64_t quota; /* bytes of all its sessions; KEY_UNLIMITED */
	uint64_t sessions; /* at a time, from 1 on; KEY_UNLIMITED */
	uint64_t queues; /* of a session, 1 to MAGE_WIRE_QUEUES_MAX */
	uint64_t grace; /* seconds; 0, the default: what --grace says */
};

struct key {
	char name[KEY_NAME_LEN]; /* "" for the secret that all share */
	struct key_settings settings;
	bool revoked; /* takes no new sessions */
	uint64_t reserved; /* bytes of its sessions */
	uint64_t nr_sessions;
	struct key *next;
};

/* No secret, no limit. */
extern const struct key_settings key_defaults;

/* Letters, digits, "_" and "-", fewer than KEY_NAME_LEN of them. */
bool key_name_is_good(const char *name);

/*
 * Reads the text of a key's file, lines of "NAME = VALUE".  Returns 0, or -1
 * with "LINE: SENTENCE" in error and *settings as it was.
 */
int key_parse(struct key_settings *settings, const char *text, size_t len, char *error,
	      size_t error_len);
/* The same with the file, whose path error then begins with. */
int key_read(struct key_settings *settings, const char *path, char *error, size_t error_len);

/* Whether a session may have so many queues.  False with a refusal in *verdict. */
bool key_allows_queues(const struct key *key, unsigned int nr_queues, struct verdict *verdict);
/*
 * Begins a session of so many bytes and queues.  False with a refusal in
 * *verdict, and nothing changed.
 */
bool key_take(struct key *key, uint64_t size, unsigned int nr_queues, struct verdict *verdict);
/* A session that it has had already, whatever its limits are now. */
void key_restore(struct key *key, uint64_t size);
/* Ends it. */
void key_give_back(struct key *key, uint64_t size);

#endif
