/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much memory is lent, and whether there is more.
 */
#ifndef MEMNODE_LEDGER_H
#define MEMNODE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

struct ledger {
	uint64_t size;  /* bytes to lend */
	uint64_t max_client; /* bytes, at most size */
	uint64_t granule; /* bytes; what a client takes is rounded up to it */
	unsigned int max_clients;
	unsigned int clients;
	uint64_t reserved; /* bytes lent */
	uint64_t peak;  /* most that was ever lent */
};

/*
 * Takes size bytes for one client more; *charge is what they cost.  False with
 * a refusal in *verdict.
 */
bool ledger_reserve(struct ledger *ledger, uint64_t size, uint64_t *charge,
		    struct verdict *verdict);
/* Takes what a client has had already, whatever the limits are now. */
void ledger_restore(struct ledger *ledger, uint64_t charge);
/* Bytes that are left; none where the limit is below what is lent. */
uint64_t ledger_free(const struct ledger *ledger);
void ledger_release(struct ledger *ledger, uint64_t charge);

#endif
