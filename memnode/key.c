// SPDX-License-Identifier: GPL-2.0-only
#include "key.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/quantity.h"
#include "refusal.h"
#include "size.h"

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
/* A year: more is a mistake. */
#define GRACE_MAX (UINT64_C(366) * 24 * 3600)

/* What is read of a file, and where its sentence of complaint goes. */
struct parser {
	struct key_settings settings;
	unsigned int seen; /* a bit a setting, as in table */
	unsigned int line;
	char *error;
	size_t error_len;
};

struct setting {
	const char *name;
	int (*set)(struct parser *parser, const char *value);
};

const struct key_settings key_defaults = {
	.quota = KEY_UNLIMITED,
	.sessions = KEY_UNLIMITED,
	.queues = MAGE_WIRE_QUEUES_MAX,
};

bool key_name_is_good(const char *name)
{
	size_t len = strlen(name);

	return len && len < KEY_NAME_LEN && strspn(name, NAME_CHARACTERS) == len;
}

static int complain(struct parser *parser, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int complain(struct parser *parser, const char *fmt, ...)
{
	int used = snprintf(parser->error, parser->error_len, "%u: ", parser->line);
	va_list args;

	if (used < 0 || (size_t)used >= parser->error_len)
		return -1;
	va_start(args, fmt);
	vsnprintf(parser->error + used, parser->error_len - (size_t)used, fmt, args);
	va_end(args);
	return -1;
}

/* What is wrong is said without the key, as it ends in a log. */
static int set_key(struct parser *parser, const char *value)
{
	size_t len = strlen(value);

	if (len < SECRET_MIN)
		return complain(parser, "key: %s", secret_result_text(SECRET_TOO_SHORT));
	if (len > MAGE_WIRE_SECRET_MAX)
		return complain(parser, "key: %s", secret_result_text(SECRET_TOO_LONG));
	memcpy(parser->settings.secret.bytes, value, len);
	parser->settings.secret.len = len;
	return 0;
}

static int set_quota(struct parser *parser, const char *value)
{
	uint64_t bytes;

	if (size_parse(value, &bytes))
		return complain(parser,
				"quota: \"%s\" is not a size: give bytes, or a suffix K, M, G, T",
				value);
	if (!bytes || bytes % MAGE_WIRE_SIZE_UNIT)
		return complain(parser, "quota: %s is no multiple of %d bytes from there on", value,
				MAGE_WIRE_SIZE_UNIT);
	parser->settings.quota = bytes;
	return 0;
}

static int set_number(struct parser *parser, const char *name, const char *value, uint64_t max,
		      uint64_t *number)
{
	uint64_t parsed;

	if (parse_number(value, max, &parsed) != PARSE_OK || !parsed)
		return complain(parser, "%s: \"%s\" is not a number from 1 to %" PRIu64, name,
				value, max);
	*number = parsed;
	return 0;
}

static int set_sessions(struct parser *parser, const char *value)
{
	return set_number(parser, "sessions", value, UINT32_MAX, &parser->settings.sessions);
}

static int set_queues(struct parser *parser, const char *value)
{
	return set_number(parser, "queues", value, MAGE_WIRE_QUEUES_MAX, &parser->settings.queues);
}

static int set_grace(struct parser *parser, const char *value)
{
	static const struct unit units[] = {
		{ "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { NULL, 0 },
	};
	uint64_t seconds;

	if (parse_quantity(value, units, &seconds) != PARSE_OK || seconds > GRACE_MAX)
		return complain(parser,
				"grace: \"%s\" is not a time: give seconds, or a suffix s, m, h, "
				"not more than a year",
				value);
	parser->settings.grace = seconds;
	return 0;
}

static const struct setting table[] = {
	{ "key", set_key },	  { "quota", set_quota }, { "sessions", set_sessions },
	{ "queues", set_queues }, { "grace", set_grace },
};

/* Without the blanks around it; the end is cut off in place. */
static char *strip(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	for (len = strlen(text); len && isspace((unsigned char)text[len - 1]); len--)
		;
	text[len] = '\0';
	return text;
}

static int parse_line(struct parser *parser, char *line)
{
	char *value;

	line = strip(line);
	if (!*line || *line == '#')
		return 0;
	value = strchr(line, '=');
	if (!value)
		return complain(parser, "that is no \"NAME = VALUE\"");
	*value++ = '\0';
	line = strip(line);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(line, table[i].name))
			continue;
		if (parser->seen & 1U << i)
			return complain(parser, "%s: it is there already", line);
		parser->seen |= 1U << i;
		return table[i].set(parser, strip(value));
	}
	return complain(parser,
			"there is no setting \"%s\": there are key, quota, sessions, queues, grace",
			line);
}

static int parse_lines(struct parser *parser, char *text)
{
	for (char *line = text; line; parser->line++) {
		char *rest = strchr(line, '\n');

		if (rest)
			*rest++ = '\0';
		if (parse_line(parser, line))
			return -1;
		line = rest && *rest ? rest : NULL;
	}
	if (!parser->settings.secret.len) {
		parser->line = 1;
		return complain(parser, "the key is missing: add a line \"key = TEXT\"");
	}
	return 0;
}

int key_parse(struct key_settings *settings, const char *text, size_t len, char *error,
	      size_t error_len)
{
	struct parser parser = {
		.settings = key_defaults,
		.line = 1,
		.error = error,
		.error_len = error_len,
	};
	char copy[KEY_TEXT_MAX + 1];
	int ret;

	if (len > KEY_TEXT_MAX)
		return complain(&parser, "the file is longer than %d bytes", KEY_TEXT_MAX);
	if (len && memchr(text, '\0', len))
		return complain(&parser, "the file is no text: it has a byte of zero");
	if (len)
		memcpy(copy, text, len);
	copy[len] = '\0';
	ret = parse_lines(&parser, copy);
	if (!ret)
		*settings = parser.settings;
	explicit_bzero(copy, sizeof(copy));
	explicit_bzero(&parser.settings, sizeof(parser.settings));
	return ret;
}

/* The bytes of the file, or -1; one more than may be there is enough. */
static ssize_t read_all(int fd, char text[static KEY_TEXT_MAX + 1])
{
	size_t len = 0;
	ssize_t got = 1;

	while (got && len < KEY_TEXT_MAX + 1) {
		got = read(fd, text + len, KEY_TEXT_MAX + 1 - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

int key_read(struct key_settings *settings, const char *path, char *error, size_t error_len)
{
	int used = snprintf(error, error_len, "%s:", path), fd, ret = -1;
	enum secret_result result = secret_open(path, true, &fd);
	char text[KEY_TEXT_MAX + 1];
	ssize_t len;

	if (used < 0 || (size_t)used >= error_len)
		used = 0;
	if (result != SECRET_OK) {
		snprintf(error + used, error_len - (size_t)used, " %s%s",
			 secret_result_text(result),
			 result == SECRET_FOR_EVERYBODY ? ": run chmod o-rwx on it" : "");
		return -1;
	}
	len = read_all(fd, text);
	if (len < 0)
		snprintf(error + used, error_len - (size_t)used, " %s", strerror(errno));
	else
		ret = key_parse(settings, text, (size_t)len, error + used,
				error_len - (size_t)used);
	close(fd);
	explicit_bzero(text, sizeof(text));
	return ret;
}

static bool refuse_because(struct verdict *verdict)
{
	verdict->cause = REFUSAL_QUOTA;
	return false;
}

bool key_allows_queues(const struct key *key, unsigned int nr_queues, struct verdict *verdict)
{
	const struct key_settings *settings = &key->settings;

	if (nr_queues <= settings->queues)
		return true;
	refuse(verdict, MAGE_WIRE_BAD_SIZE,
	       "%u queues asked, this key may have %" PRIu64 " a session", nr_queues,
	       settings->queues);
	return refuse_because(verdict);
}

bool key_take(struct key *key, uint64_t size, unsigned int nr_queues, struct verdict *verdict)
{
	const struct key_settings *settings = &key->settings;
	char asked[SIZE_TEXT_LEN], left[SIZE_TEXT_LEN], quota[SIZE_TEXT_LEN];
	/* A quota may have become smaller than what is lent. */
	uint64_t free = settings->quota > key->reserved ? settings->quota - key->reserved : 0;

	size_format(size, asked);
	size_format(settings->quota, quota);
	if (!key_allows_queues(key, nr_queues, verdict))
		return false;
	if (key->nr_sessions >= settings->sessions) {
		refuse(verdict, MAGE_WIRE_TOO_MANY,
		       "all %" PRIu64 " sessions of this key are there", settings->sessions);
		return refuse_because(verdict);
	}
	if (size > settings->quota) {
		refuse(verdict, MAGE_WIRE_TOO_LARGE, "%s asked, the quota of this key is %s", asked,
		       quota);
		return refuse_because(verdict);
	}
	if (size > free) {
		refuse(verdict, MAGE_WIRE_FULL, "%s asked, %s left of this key's quota of %s",
		       asked, size_format(free, left), quota);
		return refuse_because(verdict);
	}
	key_restore(key, size);
	return true;
}

void key_restore(struct key *key, uint64_t size)
{
	key->nr_sessions++;
	key->reserved += size;
}

void key_give_back(struct key *key, uint64_t size)
{
	key->nr_sessions--;
	key->reserved -= size;
}
