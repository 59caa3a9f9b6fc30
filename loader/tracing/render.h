/* SPDX-License-Identifier: GPL-2.0-only */
/* What the trace programs have counted, as text and as JSON.  Pure functions. */
#ifndef MAGE_TRACING_RENDER_H
#define MAGE_TRACING_RENDER_H

#include <stdio.h>

#include "common/json.h"
#include "tracing/counts.h"

/* One domain for people: @row are its @nr rows in an interval of @seconds. */
void trace_render(FILE *out, const struct trace_kind *kind, const char *path,
		  const struct trace_row *row, size_t nr, double seconds);

/* The same as members of an object that is open. */
void trace_render_json(struct json *json, const struct trace_kind *kind,
		       const struct trace_row *row, size_t nr);

#endif
