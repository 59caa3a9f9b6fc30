/* SPDX-License-Identifier: GPL-2.0-only */
/* Tunables of a policy: what they may be, and values as people type them.  Pure functions. */
#ifndef MAGE_POLICIES_TUNABLE_H
#define MAGE_POLICIES_TUNABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TUNABLE_NAME_LEN 64
#define TUNABLE_HELP_LEN 160

/*
 * A global variable of the policy's object that MAGE_TUNABLE() or
 * MAGE_TUNABLE_AT_LOAD() of bpf/mage.bpf.h declared.  An unsigned number's limits are
 * kept as they are, in the same bits.
 */
struct tunable {
	char name[TUNABLE_NAME_LEN];
	char help[TUNABLE_HELP_LEN]; /* "" for none */
	size_t section; /* the caller's number for the map that holds it */
	size_t offset; /* in the value of that */
	size_t size; /* 1, 2, 4 or 8 bytes */
	bool is_signed;
	bool is_bool;
	bool at_load_only;
	int64_t min, max; /* as the type allows unless narrower */
	bool has_initial; /* the object says what it begins with */
	int64_t initial;
	int64_t value;
};

enum tunable_result {
	TUNABLE_OK,
	TUNABLE_NO_NUMBER,
	TUNABLE_NO_BOOL,
	TUNABLE_OUT_OF_RANGE,
};

/* The limits of the type itself; call it once size, is_signed and is_bool are known. */
void tunable_type_limits(struct tunable *tunable);

/* "1..512" from the object; false, and nothing changed, if it makes no sense for the type. */
bool tunable_read_range(struct tunable *tunable, const char *text);

/* "75" or "false" from the object; false, and nothing changed, if it is no literal of the type. */
bool tunable_read_initial(struct tunable *tunable, const char *text);

/* Is it in the range? */
bool tunable_takes(const struct tunable *tunable, int64_t value);

/* What somebody typed: decimal, 0x hexadecimal, or a truth value; checks the range. */
enum tunable_result tunable_parse(const struct tunable *tunable, const char *text, int64_t *value);

/* As kept in memory: @size bytes in the machine's order. */
int64_t tunable_load(const struct tunable *tunable, const void *from);
void tunable_store(const struct tunable *tunable, int64_t value, void *to);

void tunable_format(const struct tunable *tunable, int64_t value, char *text, size_t size);
void tunable_format_range(const struct tunable *tunable, char *text, size_t size);

/* "NAME=VALUE" in two; false if it is not of that form.  @value points into @setting. */
bool tunable_split(const char *setting, char *name, size_t size, const char **value);

#endif
