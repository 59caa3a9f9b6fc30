// SPDX-License-Identifier: GPL-2.0-only
#include "admission.h"

#include <stdio.h>
#include <string.h>

#include "refusal.h"

_Static_assert(ADMISSION_UNPROVEN_MAX < ADMISSION_SOURCES_MAX, "a source can always be forgotten");

static bool refuse_because(struct verdict *verdict, enum refusal cause, const char *message)
{
	refuse(verdict, MAGE_WIRE_TOO_MANY, "%s", message);
	verdict->cause = cause;
	return false;
}

/* Whether to forget a rather than b: unused, then not known, then not seen for longer. */
static bool forget_rather(const struct source *a, const struct source *b)
{
	if (!a->address[0] || !b->address[0])
		return !a->address[0];
	if (a->known != b->known)
		return b->known;
	return a->seen < b->seen;
}

struct source *admission_source(struct admission *admission, const char *address, time_t now)
{
	struct source *oldest = NULL;

	for (unsigned int i = 0; i < ADMISSION_SOURCES_MAX; i++) {
		struct source *source = &admission->sources[i];

		if (!strcmp(source->address, address)) {
			source->seen = now;
			return source;
		}
		if (!source->unproven && (!oldest || forget_rather(source, oldest)))
			oldest = source;
	}

	*oldest = (struct source){
		.credit = admission->rate * ADMISSION_BURST_SECONDS,
		.refilled = now,
		.seen = now,
	};
	snprintf(oldest->address, sizeof(oldest->address), "%s", address);
	return oldest;
}

bool admission_take_credit(struct admission *admission, struct source *source, time_t now,
			   struct verdict *verdict)
{
	const unsigned int most = admission->rate * ADMISSION_BURST_SECONDS;
	time_t passed = now - source->refilled;

	source->refilled = now;
	if (passed >= ADMISSION_BURST_SECONDS)
		source->credit = most;
	else
		source->credit += (unsigned int)passed * admission->rate;
	if (source->credit > most)
		source->credit = most;
	if (!source->credit)
		return refuse_because(verdict, REFUSAL_TOO_FAST,
				      "too many connections a second from your address: try again");
	source->credit--;
	return true;
}

static struct source *largest(struct admission *admission)
{
	struct source *found = &admission->sources[0];

	for (unsigned int i = 1; i < ADMISSION_SOURCES_MAX; i++)
		if (admission->sources[i].unproven > found->unproven)
			found = &admission->sources[i];
	return found;
}

bool admission_enter(struct admission *admission, struct source *source, struct source **displaced,
		     struct verdict *verdict)
{
	unsigned int places = ADMISSION_UNPROVEN_MAX - (source->known ? 0 : ADMISSION_RESERVED);
	struct source *most;

	*displaced = NULL;
	if (source->unproven >= admission->per_source)
		return refuse_because(
			verdict, REFUSAL_SOURCE_FULL,
			"too many clients at your address are saying hello: try again");
	if (admission->unproven >= places) {
		/* Afterwards nobody has more than the one who had to give way. */
		most = largest(admission);
		if (most->unproven < source->unproven + 2)
			return refuse_because(verdict, REFUSAL_UNPROVEN_FULL,
					      "too many clients are saying hello: try again");
		*displaced = most;
	}
	source->unproven++;
	admission->unproven++;
	return true;
}

void admission_leave(struct admission *admission, struct source *source, bool proved)
{
	source->unproven--;
	admission->unproven--;
	if (proved)
		source->known = true;
}
