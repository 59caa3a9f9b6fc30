/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A JSON writer: one line, commas and quotes where they belong.  Names are
 * given inside objects and NULL inside arrays.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	bool first; /* nothing was written yet at this level */
};

void json_start(struct json *json, FILE *out);
/* Ends the line and flushes it, so that a reader of a pipe gets it now. */
void json_end(struct json *json);

void json_open_object(struct json *json, const char *name);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *name);
void json_close_array(struct json *json);

/* Any bytes: what is not UTF-8 becomes U+FFFD.  A NULL text becomes null. */
void json_string(struct json *json, const char *name, const char *text);
void json_u64(struct json *json, const char *name, uint64_t value);
void json_i64(struct json *json, const char *name, int64_t value);
/* Three decimals; null if not finite. */
void json_double(struct json *json, const char *name, double value);
void json_bool(struct json *json, const char *name, bool value);
void json_null(struct json *json, const char *name);

#endif
