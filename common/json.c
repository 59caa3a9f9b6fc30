// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <math.h>
#include <stddef.h>

#include "common/json.h"

/* The length of the UTF-8 sequence at @s, or 0 if there is none that is valid. */
static unsigned int utf8_length(const unsigned char *s)
{
	unsigned int len;
	uint32_t code;
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (s[0] < 0x80)
		return 1;
	if ((s[0] & 0xe0) == 0xc0) {
		len = 2;
		code = s[0] & 0x1f;
	} else if ((s[0] & 0xf0) == 0xe0) {
		len = 3;
		code = s[0] & 0x0f;
	} else if ((s[0] & 0xf8) == 0xf0) {
		len = 4;
		code = s[0] & 0x07;
	} else {
		return 0;
	}
	for (unsigned int i = 1; i < len; i++) {
		/* This also stops at the terminating NUL. */
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < smallest[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return len;
}

static void put_escaped(FILE *out, unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		fprintf(out, "\\%c", c);
		break;
	case '\n':
		fputs("\\n", out);
		break;
	case '\t':
		fputs("\\t", out);
		break;
	default:
		if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
}

static void put_string(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	fputc('"', out);
	while (*s) {
		unsigned int len = utf8_length(s);

		if (len == 0) {
			fputs("\\ufffd", out);
			s++;
		} else if (len == 1) {
			put_escaped(out, *s++);
		} else {
			fwrite(s, 1, len, out);
			s += len;
		}
	}
	fputc('"', out);
}

static void before_value(struct json *json, const char *name)
{
	if (!json->first)
		fputc(',', json->out);
	json->first = false;
	if (name) {
		put_string(json->out, name);
		fputc(':', json->out);
	}
}

void json_start(struct json *json, FILE *out)
{
	json->out = out;
	json->first = true;
}

void json_end(struct json *json)
{
	fputc('\n', json->out);
	fflush(json->out);
	json->first = true;
}

static void open_level(struct json *json, const char *name, char bracket)
{
	before_value(json, name);
	fputc(bracket, json->out);
	json->first = true;
}

static void close_level(struct json *json, char bracket)
{
	fputc(bracket, json->out);
	json->first = false;
}

void json_open_object(struct json *json, const char *name)
{
	open_level(json, name, '{');
}

void json_close_object(struct json *json)
{
	close_level(json, '}');
}

void json_open_array(struct json *json, const char *name)
{
	open_level(json, name, '[');
}

void json_close_array(struct json *json)
{
	close_level(json, ']');
}

void json_string(struct json *json, const char *name, const char *text)
{
	if (!text) {
		json_null(json, name);
		return;
	}
	before_value(json, name);
	put_string(json->out, text);
}

void json_u64(struct json *json, const char *name, uint64_t value)
{
	before_value(json, name);
	fprintf(json->out, "%" PRIu64, value);
}

void json_i64(struct json *json, const char *name, int64_t value)
{
	before_value(json, name);
	fprintf(json->out, "%" PRId64, value);
}

void json_double(struct json *json, const char *name, double value)
{
	if (!isfinite(value)) {
		json_null(json, name);
		return;
	}
	before_value(json, name);
	fprintf(json->out, "%.3f", value);
}

void json_bool(struct json *json, const char *name, bool value)
{
	before_value(json, name);
	fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json, const char *name)
{
	before_value(json, name);
	fputs("null", json->out);
}
