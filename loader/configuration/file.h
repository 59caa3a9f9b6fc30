/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The configuration file as it is written: sections with keys.  A library for this would not
 * tell lines, and would merge sections of the same kind.  Nothing here knows what keys mean.
 *
 *	# a comment
 *	[kind name]
 *	key = value
 */
#ifndef MAGE_CONFIGURATION_FILE_H
#define MAGE_CONFIGURATION_FILE_H

#include <stddef.h>

#include "base/exit_codes.h"

#define MOST_CONFIG_BYTES (1 << 20)

struct config_entry {
	const char *key;
	const char *value;
	unsigned int line;
};

struct config_section {
	const char *file; /* its name, for messages */
	const char *kind;
	const char *name; /* "" for none */
	unsigned int line;
	struct config_entry *entries;
	size_t nr;
};

struct config {
	char *text;
	struct config_section *sections;
	size_t nr;
	struct config_entry *entries; /* of all sections, in their order */
};

/* Reads a file; reports a failure on behalf of @what.  config_free() is right in either case. */
enum rc config_read(const char *what, const char *file, struct config *config);

/* The same from memory, which is changed and must stay; @file is only a name. */
enum rc config_parse(const char *what, const char *file, char *text, size_t len,
		     struct config *config);
void config_free(struct config *config);

/* "WHAT: FILE:LINE", for report(); overwritten by the next call. */
const char *config_place(const char *what, const struct config_section *section, unsigned int line);

/* The same for the line of a key, or for the section's first one if the key is not there. */
const char *config_key_place(const char *what, const struct config_section *section,
			     const char *key);

/* The same of a key that may be there several times: the first is 0. */
const char *config_nth_place(const char *what, const struct config_section *section,
			     const char *key, int nth);

#endif
