/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may begin a handshake.
 *
 * Until a client has proved that it knows a key it is unproven: it holds a
 * connection, and nobody knows whether it will ever say anything.  Such places
 * are few, are shared out fairly by source, and some of them are kept for
 * sources from which a key was proved before.  Nothing here touches the network.
 */
#ifndef MEMNODE_ADMISSION_H
#define MEMNODE_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "address.h"
#include "protocol.h"

/* More than can have unproven connections at a time, so that one is always free. */
#define ADMISSION_SOURCES_MAX 256
/* Unproven connections at a time, of all sources; and how many of them only known sources get. */
#define ADMISSION_UNPROVEN_MAX 64
#define ADMISSION_RESERVED 16
/* A source that was quiet may make so many seconds' connections at once. */
#define ADMISSION_BURST_SECONDS 4

/* Where clients come from: a machine, as far as one can tell. */
struct source {
	char address[ADDRESS_LEN]; /* "" for a place that nobody has */
	bool known;  /* a key was proved from here */
	unsigned int unproven; /* connections */
	unsigned int credit; /* connections that may be begun now */
	time_t refilled; /* when credit was last added */
	time_t seen;
	uint64_t refused; /* clients from here that did not get memory */
};

struct admission {
	unsigned int per_source; /* unproven connections, 1 to ADMISSION_UNPROVEN_MAX */
	unsigned int rate;  /* connections a second and source, from 1 on */
	unsigned int unproven; /* connections of all sources */
	struct source sources[ADMISSION_SOURCES_MAX];
};

/*
 * The source with this address; the one that was seen the longest ago makes
 * room for a new one.  Never NULL; holds until the next call, or as long as
 * it has unproven connections.
 */
struct source *admission_source(struct admission *admission, const char *address, time_t now);

/* Takes credit for one connection; false with a refusal in *verdict when there is none. */
bool admission_take_credit(struct admission *admission, struct source *source, time_t now,
			   struct verdict *verdict);

/*
 * Takes a place for an unproven connection.  False with a refusal in *verdict.
 * *displaced is NULL, or a source with more of them, the oldest of which is to
 * be closed for it.
 */
bool admission_enter(struct admission *admission, struct source *source, struct source **displaced,
		     struct verdict *verdict);

/* The connection is over, or it proved a key. */
void admission_leave(struct admission *admission, struct source *source, bool proved);

#endif
