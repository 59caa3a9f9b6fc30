// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"

/* clang-format off */
static const struct unit size_units[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "K", 1ULL << 10 }, { "KiB", 1ULL << 10 },
	{ "M", 1ULL << 20 }, { "MiB", 1ULL << 20 },
	{ "G", 1ULL << 30 }, { "GiB", 1ULL << 30 },
	{ "T", 1ULL << 40 }, { "TiB", 1ULL << 40 },
	{ "P", 1ULL << 50 }, { "PiB", 1ULL << 50 },
	{ NULL, 0 },
};

static const struct unit duration_units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000 * 1000 },
	{ "s", 1000 * 1000 * 1000 },
	{ NULL, 0 },
};
/* clang-format on */

enum parse_result parse_size(const char *text, uint64_t *bytes)
{
	enum parse_result result;
	uint64_t value;

	result = parse_quantity(text, size_units, &value);
	if (result == PARSE_OK && !value)
		result = PARSE_ZERO;
	if (result == PARSE_OK)
		*bytes = value;
	return result;
}

enum parse_result parse_page_size(const char *text, uint64_t page_size, uint64_t *bytes)
{
	enum parse_result result;
	uint64_t value;

	result = parse_size(text, &value);
	if (result != PARSE_OK)
		return result;
	if (value % page_size)
		return PARSE_NOT_PAGES;
	*bytes = value;
	return PARSE_OK;
}

enum parse_result parse_duration(const char *text, uint64_t *ns)
{
	/* Nothing at all needs no unit. */
	if (parse_number(text, 0, ns) == PARSE_OK)
		return PARSE_OK;
	return parse_quantity(text, duration_units, ns);
}

enum parse_result parse_seconds(const char *text, double *seconds)
{
	double value;
	char *end;

	if (!isdigit((unsigned char)*text) && *text != '.')
		return PARSE_NO_NUMBER;
	if (strspn(text, "0123456789.") != strlen(text))
		return PARSE_BAD_UNIT;
	value = strtod(text, &end);
	if (end == text)
		return PARSE_NO_NUMBER;
	if (*end)
		return PARSE_BAD_UNIT;
	if (!isfinite(value) || value > 86400)
		return PARSE_OVERFLOW;
	if (value < 0.001)
		return PARSE_ZERO;
	*seconds = value;
	return PARSE_OK;
}

enum parse_result parse_device(const char *text, uint32_t *index)
{
	enum parse_result result;
	uint64_t value;

	if (!strncmp(text, "/dev/", 5))
		text += 5;
	if (strncmp(text, "mage", 4))
		return PARSE_NO_NUMBER;
	text += 4;
	/* "mage00" would name a device that does not exist by that name. */
	if (text[0] == '0' && text[1])
		return PARSE_BAD_UNIT;
	result = parse_number(text, UINT32_MAX, &value);
	if (result == PARSE_OK)
		*index = (uint32_t)value;
	return result;
}

static enum parse_result parse_port(const char *text, uint16_t *port)
{
	enum parse_result result;
	uint64_t value;

	result = parse_number(text, UINT16_MAX, &value);
	if (result != PARSE_OK)
		return result;
	if (!value)
		return PARSE_ZERO;
	*port = (uint16_t)value;
	return PARSE_OK;
}

enum parse_result parse_address(const char *text, char *host, unsigned int host_len, uint16_t *port)
{
	const char *start = text, *end, *port_text = NULL;

	if (*text == '[') {
		start++;
		end = strchr(start, ']');
		if (!end)
			return PARSE_BAD_UNIT;
		if (end[1] == ':')
			port_text = end + 2;
		else if (end[1])
			return PARSE_BAD_UNIT;
	} else {
		end = strchr(text, ':');
		/* More than one colon and no brackets: an IPv6 address, no port. */
		if (end && !strchr(end + 1, ':'))
			port_text = end + 1;
		else
			end = text + strlen(text);
	}
	if (end == start)
		return PARSE_NO_NUMBER;
	if ((size_t)(end - start) >= host_len)
		return PARSE_OVERFLOW;
	memcpy(host, start, (size_t)(end - start));
	host[end - start] = '\0';
	return port_text ? parse_port(port_text, port) : PARSE_OK;
}

const char *parse_result_text(enum parse_result result)
{
	switch (result) {
	case PARSE_OK:
		return "is fine";
	case PARSE_NO_NUMBER:
		return "has no number where one belongs";
	case PARSE_BAD_UNIT:
		return "has an unknown unit or something left over at its end";
	case PARSE_OVERFLOW:
		return "is too large";
	case PARSE_ZERO:
		return "is zero";
	case PARSE_NOT_PAGES:
		return "is no multiple of the page size";
	}
	return "is not understood";
}
