// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "configuration/file.h"

static const char blanks[] = " \t\r";

const char *config_place(const char *what, const struct config_section *section, unsigned int line)
{
	static char place[512];

	snprintf(place, sizeof(place), "%s: %.400s:%u", what, section->file, line);
	return place;
}

const char *config_nth_place(const char *what, const struct config_section *section,
			     const char *key, int nth)
{
	for (size_t i = 0; i < section->nr; i++) {
		if (!strcmp(section->entries[i].key, key) && !nth--)
			return config_place(what, section, section->entries[i].line);
	}
	return config_place(what, section, section->line);
}

const char *config_key_place(const char *what, const struct config_section *section,
			     const char *key)
{
	return config_nth_place(what, section, key, 0);
}

/* The text without blanks at its beginning and end; changes it. */
static char *trim(char *text)
{
	size_t len;

	text += strspn(text, blanks);
	for (len = strlen(text); len && strchr(blanks, text[len - 1]); len--)
		;
	text[len] = '\0';
	return text;
}

static size_t count_lines(const char *text)
{
	size_t nr = 1;

	for (; (text = strchr(text, '\n')); text++)
		nr++;
	return nr;
}

/* "[kind name]" */
static enum rc begin_section(const char *what, struct config_section *section, char *line)
{
	char *end = strchr(line, ']'), *name;

	if (!end || end[1])
		return report(RC_USAGE, config_place(what, section, section->line), line,
			      "write it as in [device] or [cgroup app]",
			      "the section does not end with ]");
	*end = '\0';
	line = trim(line + 1);
	name = line + strcspn(line, blanks);
	section->name = *name ? trim(name) : "";
	*name = '\0';
	section->kind = line;
	return RC_OK;
}

/* "key = value" */
static enum rc add_entry(const char *what, struct config_section *section, char *line,
			 unsigned int number)
{
	char *equals = strchr(line, '=');
	struct config_entry *entry = &section->entries[section->nr];

	if (!equals || equals == line)
		return report(RC_USAGE, config_place(what, section, number), line,
			      "write KEY = VALUE, or a comment behind #",
			      "is neither a section nor a setting");
	*equals = '\0';
	entry->key = trim(line);
	entry->value = trim(equals + 1);
	entry->line = number;
	if (!*entry->value)
		return report(RC_USAGE, config_place(what, section, number), entry->key,
			      "give it one, or remove the line", "has no value");
	section->nr++;
	return RC_OK;
}

enum rc config_parse(const char *what, const char *file, char *text, size_t len,
		     struct config *config)
{
	struct config_section *section = NULL, none = { .file = file };
	unsigned int number = 0;
	enum rc rc = RC_OK;
	size_t lines, entries = 0;
	char *line;

	config->nr = 0;
	config->sections = NULL;
	config->entries = NULL;
	if (strlen(text) != len)
		return report(RC_USAGE, what, file, NULL, "is no text file");
	lines = count_lines(text);
	config->sections = calloc(lines, sizeof(*config->sections));
	config->entries = calloc(lines, sizeof(*config->entries));
	if (!config->sections || !config->entries)
		return report(RC_FAILED, what, file, NULL, "out of memory");
	while (!rc && (line = strsep(&text, "\n"))) {
		number++;
		line = trim(line);
		if (!*line || *line == '#' || *line == ';')
			continue;
		if (*line == '[') {
			section = &config->sections[config->nr++];
			section->file = file;
			section->line = number;
			section->entries = config->entries + entries;
			rc = begin_section(what, section, line);
		} else if (!section) {
			rc = report(RC_USAGE, config_place(what, &none, number), line,
				    "begin with a section, as in [device]",
				    "stands before the first section");
		} else {
			rc = add_entry(what, section, line, number);
			entries++;
		}
	}
	return rc;
}

static enum rc read_text(const char *what, const char *file, int fd, char **text, size_t *len)
{
	ssize_t got = 1;

	*len = 0;
	*text = malloc(MOST_CONFIG_BYTES + 1);
	if (!*text)
		return report(RC_FAILED, what, file, NULL, "out of memory");
	while (got && *len < MOST_CONFIG_BYTES) {
		got = read(fd, *text + *len, MOST_CONFIG_BYTES - *len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return report(rc_of_errno(errno), what, file, NULL, "cannot read it: %s",
				      strerror(errno));
		*len += (size_t)got;
	}
	(*text)[*len] = '\0';
	if (*len == MOST_CONFIG_BYTES)
		return report(RC_USAGE, what, file, NULL, "is larger than %d bytes",
			      MOST_CONFIG_BYTES);
	return RC_OK;
}

enum rc config_read(const char *what, const char *file, struct config *config)
{
	enum rc rc;
	size_t len;
	int fd;

	memset(config, 0, sizeof(*config));
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return report(rc_of_errno(errno), what, file,
			      errno == ENOENT ? "mage.conf(5) has an example, --config names "
						"another file" :
						NULL,
			      "cannot read it: %s", strerror(errno));
	rc = read_text(what, file, fd, &config->text, &len);
	close(fd);
	return rc ? rc : config_parse(what, file, config->text, len, config);
}

void config_free(struct config *config)
{
	free(config->text);
	free(config->sections);
	free(config->entries);
	memset(config, 0, sizeof(*config));
}
