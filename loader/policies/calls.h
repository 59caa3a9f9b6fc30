/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel counts of a policy, and what it says of itself: for people and as JSON. */
#ifndef MAGE_POLICIES_CALLS_H
#define MAGE_POLICIES_CALLS_H

#include <stdio.h>

#include "common/json.h"
#include "kernel/state.h"

/* A table of the callbacks that were called; nothing if none was. */
void calls_text(FILE *out, const char *indent, const struct policy_calls *calls);
/* One line with the lists that have pages; nothing if none has. */
void lists_text(FILE *out, const char *indent, const struct policy_calls *calls);
/* Members "calls" and "lists" of the object that is open. */
void calls_json(struct json *json, const struct policy_calls *calls);

/* What became of picks, and which were refused. */
void victims_text(FILE *out, const struct domain *domain);
void victims_json(struct json *json, const struct domain *domain);

/* A policy's own words, each line with @indent before it and of printable characters only. */
void said_text(FILE *out, const char *indent, const char *text, bool cut);

#endif
