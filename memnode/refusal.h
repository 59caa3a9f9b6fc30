/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why clients did not get memory, for the statistics.
 */
#ifndef MEMNODE_REFUSAL_H
#define MEMNODE_REFUSAL_H

/*
 * A cause is an enum mage_wire_status, or one of these, of which the client hears as
 * MAGE_WIRE_TOO_MANY, or by the end of its connection.
 */
enum refusal {
	REFUSAL_OWN = 32, /* room for statuses */
	REFUSAL_TOO_FAST = REFUSAL_OWN, /* its source connects too often */
	REFUSAL_SOURCE_FULL, /* its source has as many unproven connections as it may */
	REFUSAL_UNPROVEN_FULL, /* all sources together have */
	REFUSAL_DISPLACED, /* its place went to a client from a source with fewer */
	REFUSAL_QUOTA, /* more than its key may have */
	REFUSAL_SILENT, /* did not say hello in time */
	REFUSAL_BROKEN_OFF, /* went before it said hello */
	REFUSAL_NR,
};

/* A word for people and programs; NULL for a number that is no cause. */
const char *refusal_name(unsigned int cause);

#endif
