/* SPDX-License-Identifier: GPL-2.0-only */
/* Keeps what the code under test prints to standard error. */
#ifndef LOADER_STDERR_H
#define LOADER_STDERR_H

#include <stdio.h>
#include <stdlib.h>

static FILE *loader_stderr_before;
static char *loader_stderr_text;
static size_t loader_stderr_size;

static inline void stderr_capture(void)
{
	loader_stderr_before = stderr;
	stderr = open_memstream(&loader_stderr_text, &loader_stderr_size);
}

/* All since it was asked last. */
static inline const char *stderr_text(void)
{
	static char copy[4096];

	fflush(stderr);
	/* Behind that may be the end of what was longer. */
	snprintf(copy, sizeof(copy), "%.*s", (int)ftell(stderr), loader_stderr_text);
	rewind(stderr);
	return copy;
}

static inline void stderr_release(void)
{
	fclose(stderr);
	stderr = loader_stderr_before;
	free(loader_stderr_text);
	loader_stderr_text = NULL;
}

/* What a test of cmocka's begins and ends with if it needs nothing else. */
static inline int stderr_setup(void **state)
{
	(void)state;
	stderr_capture();
	return 0;
}

static inline int stderr_teardown(void **state)
{
	(void)state;
	stderr_release();
	return 0;
}

#endif
