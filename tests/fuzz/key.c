// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of a client's key: whatever is in it, it is understood, or refused
 * with the number of the line, and nothing is changed.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void check_settings(const struct key_settings *settings)
{
	check(settings->secret.len >= SECRET_MIN && settings->secret.len <= MAGE_WIRE_SECRET_MAX,
	      "a secret of no good length");
	check(settings->quota == KEY_UNLIMITED ||
		      (settings->quota && settings->quota % MAGE_WIRE_SIZE_UNIT == 0),
	      "that is no quota");
	check(settings->queues && settings->queues <= MAGE_WIRE_QUEUES_MAX,
	      "that is no number of queues");
	check(settings->sessions, "a key for no session");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct key_settings settings, before;
	/* Of just that size, for the address sanitizer to see what lies behind. */
	char *copy = malloc(len), error[256] = "";

	if (!copy)
		return 0;
	if (len)
		memcpy(copy, data, len);
	memset(&settings, 0xa5, sizeof(settings));
	before = settings;
	if (key_parse(&settings, copy, len, error, sizeof(error))) {
		check(!memcmp(&settings, &before, sizeof(settings)), "a bad file has changed it");
		check(isdigit((unsigned char)error[0]) && strstr(error, ": "),
		      "the line is not named");
		check(strlen(error) < sizeof(error), "the sentence has no end");
	} else {
		check_settings(&settings);
	}
	free(copy);
	return 0;
}
