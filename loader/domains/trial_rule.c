// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "domains/trial_rule.h"

/* Of a latency the percentile, of a rate the counter. */
static const struct {
	const char *name;
	double percent;
	size_t offset;
} metrics[] = {
	{ "p50", 50, 0 },
	{ "p90", 90, 0 },
	{ "p99", 99, 0 },
	{ "p999", 99.9, 0 },
	{ "faults", 0, offsetof(struct activity, faults) },
	{ "evictions", 0, offsetof(struct activity, evictions) },
	{ "rescues", 0, offsetof(struct activity, rescues) },
	{ "waits", 0, offsetof(struct activity, waits) },
	{ "fallbacks", 0, offsetof(struct activity, fallbacks) },
	{ "refaults", 0, offsetof(struct activity, refaults) },
};

#define NR_METRICS (sizeof(metrics) / sizeof(metrics[0]))

const char *trial_metric_names(void)
{
	return "p50, p90, p99, p999, faults, evictions, rescues, waits, fallbacks or refaults";
}

const char *trial_metric_name(const struct trial_rule *rule)
{
	return metrics[rule->metric].name;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " ");
}

static bool read_number(const char *text, const char **rest, double *number)
{
	size_t len = strspn(text, "0123456789.");
	char *end;

	/* strtod() would take signs, blanks, hexadecimal, and "nan". */
	if (!isdigit((unsigned char)*text))
		return false;
	*number = strtod(text, &end);
	*rest = text + len;
	return end == *rest && isfinite(*number);
}

static bool read_bound(const char *text, struct trial_rule *rule)
{
	const char *rest = "";
	bool is_number = read_number(text, &rest, &rule->bound);
	uint64_t ns;

	rule->relative = is_number && !strcmp(rest, "x");
	if (rule->relative)
		return rule->bound > 0;
	if (metrics[rule->metric].percent > 0) {
		if (parse_duration(text, &ns) != PARSE_OK)
			return false;
		rule->bound = (double)ns;
		return true;
	}
	return is_number && (!*rest || !strcmp(rest, "/s"));
}

bool trial_rule_read(const char *text, struct trial_rule *rule)
{
	const char *word = skip_blanks(text), *rest;
	size_t len = strcspn(word, " <>");

	for (rule->metric = 0; rule->metric < NR_METRICS; rule->metric++) {
		if (strlen(metrics[rule->metric].name) == len &&
		    !strncmp(metrics[rule->metric].name, word, len))
			break;
	}
	rest = skip_blanks(word + len);
	if (rule->metric == NR_METRICS || (*rest != '>' && *rest != '<'))
		return false;
	rule->less = *rest == '<';
	return read_bound(skip_blanks(rest + 1), rule);
}

double trial_metric(const struct trial_rule *rule, const struct activity *activity)
{
	double percent = metrics[rule->metric].percent;
	uint64_t number;

	if (percent > 0)
		return histogram_count(&activity->latency) < TRIAL_LEAST_FAULTS ?
			       NAN :
			       histogram_percentile(&activity->latency, percent);
	memcpy(&number, (const char *)activity + metrics[rule->metric].offset, sizeof(number));
	return activity->seconds > 0 ? (double)number / activity->seconds : NAN;
}

void trial_metric_format(const struct trial_rule *rule, double value, char *text, size_t size)
{
	if (isnan(value))
		snprintf(text, size, "-");
	else if (metrics[rule->metric].percent > 0)
		snprintf(text, size, "%.1f us", value / 1000);
	else
		snprintf(text, size, "%.1f/s", value);
}

bool trial_rule_holds(const struct trial_rule *rule, double now, double before)
{
	double bound = rule->relative ? rule->bound * before : rule->bound;

	/* A comparison with NAN is false. */
	return rule->less ? now < bound : now > bound;
}
