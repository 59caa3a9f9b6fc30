// SPDX-License-Identifier: GPL-2.0-only
#include "record.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool fail(char *error, size_t error_len, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool fail(char *error, size_t error_len, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(error, error_len, fmt, args);
	va_end(args);
	return false;
}

static bool is_text(const char *text, size_t len)
{
	return memchr(text, 0, len);
}

bool record_check(const struct record *record, size_t len, uint64_t memory, char *error,
		  size_t error_len)
{
	if (len < offsetof(struct record, size) ||
	    memcmp(record->magic, RECORD_MAGIC, sizeof(record->magic)))
		return fail(error, error_len, "this is no session of a mage-memnoded");
	if (record->version != RECORD_VERSION || record->length != sizeof(*record) ||
	    len != sizeof(*record))
		return fail(error, error_len,
			    "it was left by another version of mage-memnoded (%" PRIu32
			    ", this one knows %d)",
			    record->version, RECORD_VERSION);
	if (!record->size || record->size % MAGE_WIRE_SIZE_UNIT || record->charge < record->size ||
	    record->charge != memory)
		return fail(error, error_len,
			    "a session of %" PRIu64 " bytes cannot have %" PRIu64
			    " bytes of memory",
			    record->size, memory);
	if (!record->nr_queues || record->nr_queues > MAGE_WIRE_QUEUES_MAX ||
	    record->key_len > MAGE_WIRE_SECRET_MAX)
		return fail(error, error_len, "its numbers are out of range");
	if (!is_text(record->key, sizeof(record->key)) ||
	    !is_text(record->address, sizeof(record->address)) ||
	    !is_text(record->device, sizeof(record->device)) ||
	    (record->key[0] && !key_name_is_good(record->key)))
		return fail(error, error_len, "its names are none");
	return true;
}
