/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a session is apart from its memory, as a daemon leaves it to the one
 * that comes after it.
 */
#ifndef MEMNODE_RECORD_H
#define MEMNODE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/mage_wire.h>

#include "address.h"
#include "key.h"

#define RECORD_MAGIC "MAGEKEPT"
/* Of the layout; a daemon takes no sessions over from one with another. */
#define RECORD_VERSION 1
/* Of an RDMA device's name, its NUL included; as IBV_SYSFS_NAME_MAX. */
#define RECORD_DEVICE_LEN 64

/* All in the byte order of the machine, which it does not leave. */
struct record {
	char magic[8];
	uint32_t version;
	uint32_t length; /* of this, in bytes */
	uint64_t size; /* bytes that the client asked for */
	uint64_t charge; /* bytes of its memory, at least size */
	uint64_t since; /* CLOCK_MONOTONIC in seconds: when it came */
	uint64_t resumes; /* times that it came back */
	uint32_t generation; /* of the last welcome */
	uint32_t nr_queues;
	uint32_t key_len; /* bytes of session_key, 0 for none */
	uint32_t reserved;
	uint8_t session_key[MAGE_WIRE_SECRET_MAX];
	uint8_t token[MAGE_WIRE_TOKEN_LEN];
	char key[KEY_NAME_LEN]; /* name of the key it has a session of */
	char address[ADDRESS_LEN];
	char device[RECORD_DEVICE_LEN]; /* RDMA device of its connections */
};

/*
 * Whether this can be a session with so many bytes of memory.  len is that of
 * what was read.  False with a sentence in error.
 */
bool record_check(const struct record *record, size_t len, uint64_t memory, char *error,
		  size_t error_len);

#endif
