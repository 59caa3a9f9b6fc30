// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "common/json.h"
#include "domains/status_table.h"
#include "policies/calls.h"
#include "policies/description.h"

static void tunables_text(FILE *out, const struct tunables *tunables)
{
	int name_width = 4, value_width = 5, range_width = 5;
	char value[24], range[64];

	for (size_t i = 0; i < tunables->nr; i++) {
		const struct tunable *t = &tunables->tunable[i];
		int name = (int)strlen(t->name);

		tunable_format(t, t->value, value, sizeof(value));
		tunable_format_range(t, range, sizeof(range));
		if (name > name_width)
			name_width = name;
		if ((int)strlen(value) > value_width)
			value_width = (int)strlen(value);
		if ((int)strlen(range) > range_width)
			range_width = (int)strlen(range);
	}
	fprintf(out, "\n%-*s %*s  %-*s  %-8s %s\n", name_width, "NAME", value_width, "VALUE",
		range_width, "RANGE", "SET", "MEANING");
	for (size_t i = 0; i < tunables->nr; i++) {
		const struct tunable *t = &tunables->tunable[i];

		tunable_format(t, t->value, value, sizeof(value));
		tunable_format_range(t, range, sizeof(range));
		fprintf(out, "%-*s %*s  %-*s  %-8s %s\n", name_width, t->name, value_width, value,
			range_width, range, t->at_load_only ? "at load" : "any time", t->help);
	}
}

static void counters_text(FILE *out, const struct counters *counters)
{
	int name_width = 7, value_width = 5, unit_width = 4;
	char value[24];

	for (size_t i = 0; i < counters->nr; i++) {
		const struct counter *c = &counters->counter[i];
		int name = (int)strlen(c->number.name), unit = (int)strlen(c->unit);

		tunable_format(&c->number, c->number.value, value, sizeof(value));
		if (name > name_width)
			name_width = name;
		if ((int)strlen(value) > value_width)
			value_width = (int)strlen(value);
		if (unit > unit_width)
			unit_width = unit;
	}
	fprintf(out, "\n%-*s %*s %-*s  %s\n", name_width, "COUNTER", value_width, "VALUE",
		unit_width, "UNIT", "MEANING");
	for (size_t i = 0; i < counters->nr; i++) {
		const struct counter *c = &counters->counter[i];

		tunable_format(&c->number, c->number.value, value, sizeof(value));
		fprintf(out, "%-*s %*s %-*s  %s\n", name_width, c->number.name, value_width, value,
			unit_width, c->unit, c->number.help);
	}
}

/* What only a policy that governs has. */
static void governing_text(FILE *out, const struct policy_description *d)
{
	lists_text(out, "lists      ", &d->domain.calls);
	fputc('\n', out);
	calls_text(out, "", &d->domain.calls);
	victims_text(out, &d->domain);
	if (d->counters.nr)
		counters_text(out, &d->counters);
}

void policy_text(FILE *out, const struct policy_description *d)
{
	char text[512];

	fprintf(out, "policy     %s\n", d->policy);
	if (d->object[0])
		fprintf(out, "object     %s\n", d->object);
	if (d->cgroup[0]) {
		exit_text(&d->domain, text, sizeof(text));
		fprintf(out, "cgroup     %s\n", d->cgroup);
		fprintf(out, "last exit  %s\n", text);
	}
	fputs("callbacks ", out);
	for (size_t i = 0; i < d->nr_callbacks; i++)
		fprintf(out, " %s", d->callback[i]);
	fputs(d->nr_callbacks ? "\n" : " none: each has its default\n", out);
	if (d->tunables.nr)
		tunables_text(out, &d->tunables);
	else
		fputs("tunables   none\n", out);
	if (d->cgroup[0])
		governing_text(out, d);
}

void tunable_value_json(struct json *json, const char *name, const struct tunable *t, int64_t value)
{
	if (t->is_bool)
		json_bool(json, name, value);
	else if (t->is_signed)
		json_i64(json, name, value);
	else
		json_u64(json, name, (uint64_t)value);
}

static void tunable_json(struct json *json, const struct tunable *t)
{
	json_open_object(json, NULL);
	json_string(json, "name", t->name);
	tunable_value_json(json, "value", t, t->value);
	if (t->is_bool) {
		json_null(json, "min");
		json_null(json, "max");
	} else {
		tunable_value_json(json, "min", t, t->min);
		tunable_value_json(json, "max", t, t->max);
	}
	json_bool(json, "at_load_only", t->at_load_only);
	json_string(json, "meaning", t->help);
	json_close_object(json);
}

static void governing_json(struct json *json, const struct policy_description *d)
{
	calls_json(json, &d->domain.calls);
	victims_json(json, &d->domain);
	json_open_array(json, "counters");
	for (size_t i = 0; i < d->counters.nr; i++) {
		const struct counter *c = &d->counters.counter[i];

		json_open_object(json, NULL);
		json_string(json, "name", c->number.name);
		tunable_value_json(json, "value", &c->number, c->number.value);
		json_string(json, "unit", c->unit);
		json_string(json, "meaning", c->number.help);
		json_close_object(json);
	}
	json_close_array(json);
}

void policy_json(FILE *out, const struct policy_description *d)
{
	struct json json;

	json_start(&json, out);
	json_open_object(&json, NULL);
	json_string(&json, "policy", d->policy);
	json_string(&json, "object", d->object[0] ? d->object : NULL);
	json_string(&json, "cgroup", d->cgroup[0] ? d->cgroup : NULL);
	json_open_array(&json, "callbacks");
	for (size_t i = 0; i < d->nr_callbacks; i++)
		json_string(&json, NULL, d->callback[i]);
	json_close_array(&json);
	json_open_array(&json, "tunables");
	for (size_t i = 0; i < d->tunables.nr; i++)
		tunable_json(&json, &d->tunables.tunable[i]);
	json_close_array(&json);
	if (d->cgroup[0])
		governing_json(&json, d);
	json_close_object(&json);
	json_end(&json);
}
