/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session that is in the store, so that it outlives the daemon.
 */
#ifndef MEMNODE_KEPT_H
#define MEMNODE_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "store.h"

struct kept {
	struct record *record; /* shared with its file; NULL if it is not kept */
	int fd; /* of that file */
	char name[STORE_NAME_LEN];
};

/*
 * Puts a session and the file with its memory into the store; magic, version
 * and length of the record are filled in.  Returns when it is there, or with -1
 * and errno, and nothing kept.
 */
int kept_put(struct kept *kept, const struct record *record, int memory);
/*
 * The session that was in the store under that name; it owns the record's file
 * then.  False with a sentence in error and nothing changed.
 */
bool kept_take(struct kept *kept, const char *name, const int fds[static STORE_NR_PARTS],
	       char *error, size_t error_len);
/* Whether it is of a session that was forgotten, but not yet by the store. */
bool kept_was_forgotten(int record);
/* Of a session that was resumed. */
void kept_update(struct kept *kept, uint32_t generation, uint32_t nr_queues, uint64_t resumes,
		 const char *device);
/*
 * Takes it out of the store, before its memory changes.  May take seconds.
 * Nothing happens if it is not kept.
 */
void kept_forget(struct kept *kept);
/* Leaves it there, for the daemon that comes after. */
void kept_let_go(struct kept *kept);

#endif
