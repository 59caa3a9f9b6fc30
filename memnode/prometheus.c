// SPDX-License-Identifier: GPL-2.0-only
#include "prometheus.h"

#include <inttypes.h>
#include <stdarg.h>

static void begin(FILE *out, const char *name, const char *help, const char *type)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void prometheus_gauge(FILE *out, const char *name, const char *help)
{
	begin(out, name, help, "gauge");
}

void prometheus_counter(FILE *out, const char *name, const char *help)
{
	begin(out, name, help, "counter");
}

static void put_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*value == '\\' || *value == '"')
			fputc('\\', out);
		fputc(*value, out);
	}
	fputc('"', out);
}

void prometheus_sample(FILE *out, const char *name, uint64_t value, ...)
{
	char before = '{';
	const char *label;
	va_list labels;

	fputs(name, out);
	va_start(labels, value);
	while ((label = va_arg(labels, const char *))) {
		fputc(before, out);
		put_label(out, label, va_arg(labels, const char *));
		before = ',';
	}
	va_end(labels);
	fprintf(out, "%s %" PRIu64 "\n", before == ',' ? "}" : "", value);
}
