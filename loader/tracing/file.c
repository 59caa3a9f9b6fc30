// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracing/file.h"

/* The first line with the longest numbers and the longest name. */
#define HEADER_MAX (sizeof("mage-trace 1 4294967295 18446744073709551615 \n") + TRACE_NAME_MAX)

#define LEAST_ROOM 1024

int trace_add(struct trace *trace, uint32_t page, bool write)
{
	if (page == UINT32_MAX)
		return -ERANGE;
	if (trace->nr == trace->room) {
		size_t room = trace->room ? 2 * trace->room : LEAST_ROOM;
		struct trace_reference *grown =
			reallocarray(trace->reference, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		trace->reference = grown;
		trace->room = room;
	}
	trace->reference[trace->nr++] = (struct trace_reference){ .page = page, .write = write };
	if (page >= trace->pages)
		trace->pages = page + 1;
	return 0;
}

void trace_free(struct trace *trace)
{
	free(trace->reference);
	memset(trace, 0, sizeof(*trace));
}

static void print_header(char *line, const char *name, uint32_t pages, size_t nr)
{
	snprintf(line, HEADER_MAX, "mage-trace 1 %" PRIu32 " %zu %s\n", pages, nr, name);
}

/* What was read must be, to the byte, what would be written. */
static int read_header(FILE *file, struct trace *trace, size_t *nr)
{
	char line[HEADER_MAX], again[HEADER_MAX];

	if (!fgets(line, sizeof(line), file))
		return ferror(file) ? -EIO : -EINVAL;
	if (sscanf(line, "mage-trace 1 %" SCNu32 " %zu %63s", &trace->pages, nr, trace->name) != 3)
		return -EINVAL;
	print_header(again, trace->name, trace->pages, *nr);
	return strcmp(line, again) ? -EINVAL : 0;
}

static int read_number(FILE *file, uint64_t *number)
{
	unsigned int shift;

	*number = 0;
	for (shift = 0; shift < 64; shift += 7) {
		int byte = getc_unlocked(file);

		if (byte == EOF)
			return ferror(file) ? -EIO : -EINVAL;
		*number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return 0;
	}
	return -EINVAL;
}

static int64_t unzigzag(uint64_t number)
{
	return (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
}

static uint64_t zigzag(int64_t number)
{
	return ((uint64_t)number << 1) ^ (number < 0 ? UINT64_MAX : 0);
}

static int read_references(FILE *file, struct trace *trace, size_t nr)
{
	uint32_t pages = trace->pages;
	int64_t page = 0;
	size_t i;
	int err;

	/* Memory grows with what is there, whatever the first line promises. */
	for (i = 0; i < nr; i++) {
		uint64_t number;

		err = read_number(file, &number);
		if (err)
			return err;
		if (__builtin_add_overflow(page, unzigzag(number >> 1), &page) || page < 0 ||
		    page >= pages)
			return -EINVAL;
		err = trace_add(trace, (uint32_t)page, number & 1);
		if (err)
			return err;
	}
	return getc(file) == EOF ? 0 : -EINVAL;
}

int trace_load(struct trace *trace, const char *path)
{
	FILE *file;
	size_t nr;
	int err;

	memset(trace, 0, sizeof(*trace));
	file = fopen(path, "re");
	if (!file)
		return -errno;
	err = read_header(file, trace, &nr);
	if (!err)
		err = read_references(file, trace, nr);
	fclose(file);
	if (err)
		trace_free(trace);
	return err;
}

static void write_number(FILE *file, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		putc_unlocked((int)(number & 0x7f) | 0x80, file);
	putc_unlocked((int)number, file);
}

static void write_references(FILE *file, const struct trace *trace)
{
	int64_t before = 0;
	size_t i;

	for (i = 0; i < trace->nr; i++) {
		const struct trace_reference *at = &trace->reference[i];

		write_number(file, zigzag(at->page - before) << 1 | at->write);
		before = at->page;
	}
}

static bool is_word(const char *name)
{
	size_t len = strnlen(name, TRACE_NAME_MAX);

	return len && len < TRACE_NAME_MAX && strcspn(name, " \t\n\v\f\r") == len;
}

/* A half-written file is no trace; what is not a file is not ours to remove. */
static void discard(const char *path)
{
	struct stat st;

	if (!stat(path, &st) && S_ISREG(st.st_mode))
		unlink(path);
}

int trace_save(const struct trace *trace, const char *path)
{
	char header[HEADER_MAX];
	int err = 0;
	FILE *file;

	if (!is_word(trace->name))
		return -EINVAL;
	file = fopen(path, "we");
	if (!file)
		return -errno;
	print_header(header, trace->name, trace->pages, trace->nr);
	fputs(header, file);
	write_references(file, trace);
	if (fflush(file))
		err = -errno;
	else if (ferror(file))
		err = -EIO;
	if (fclose(file) && !err)
		err = -errno;
	if (err)
		discard(path);
	return err;
}
