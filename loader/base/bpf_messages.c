// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "base/bpf_messages.h"
#include "base/error.h"

static char *kept;
static size_t kept_len;

static void keep(const char *message)
{
	size_t len = strlen(message);
	char *grown = realloc(kept, kept_len + len + 1);

	/* Without memory the line that fails has to do without the reason. */
	if (!grown)
		return;
	kept = grown;
	memcpy(kept + kept_len, message, len + 1);
	kept_len += len;
}

static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	char *message;
	int len;

	if (level == LIBBPF_DEBUG)
		return 0;
	len = vasprintf(&message, format, args);
	if (len < 0)
		return 0;
	if (level == LIBBPF_WARN)
		keep(message);
	if (verbose)
		fputs(message, stderr);
	free(message);
	return len;
}

void bpf_messages_start(void)
{
	free(kept);
	kept = NULL;
	kept_len = 0;
	libbpf_set_print(print);
}

const char *bpf_messages(void)
{
	return kept ? kept : "";
}

struct span bpf_reason(int err)
{
	struct span reason = first_message(bpf_messages());

	if (!reason.text) {
		reason.text = strerror(err);
		reason.len = strlen(reason.text);
	}
	return reason;
}
