// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "policies/refusal.h"

uint64_t refusal_mark(struct genl *genl)
{
	struct exit_record *records;
	uint64_t last = 0;
	size_t nr;

	if (genl_exits(genl, &records, &nr))
		return NO_MARK;
	if (nr)
		last = records[nr - 1].number;
	free(records);
	return last;
}

/* What the kernel has written down about the policy's init since then. */
static bool find_init(const struct governed *governed, const char *name, uint64_t mark,
		      struct exit_record *found)
{
	struct exit_record *records;
	bool is_there = false;
	size_t nr;

	if (mark == NO_MARK || genl_exits(governed->genl, &records, &nr))
		return false;
	for (size_t i = 0; i < nr; i++) {
		const struct exit_record *record = &records[i];

		if (record->number <= mark || record->cgroup_id != governed->id ||
		    (record->kind != MAGE_EXIT_INIT && record->kind != MAGE_EXIT_TOO_LONG) ||
		    strcmp(record->policy, name))
			continue;
		*found = *record;
		is_there = true;
	}
	free(records);
	return is_there;
}

/* Somebody else's swap came in between: it stays. */
static enum rc overtaken(const struct governed *governed, const char *name)
{
	struct governed now;

	/* The policy that was seen is not in force any more. */
	error_note = NULL;
	if (!governed_open(governed->what, governed->path, &now))
		report(RC_EXISTS, governed->what, governed->path,
		       "look at it with 'mage policy show', and swap again if it is to go",
		       "'%s' was to replace '%s', but another swap came first: '%s' governs now",
		       name, governed->domain.policy, now.is_domain ? now.domain.policy : "?");
	governed_close(&now);
	return RC_EXISTS;
}

enum rc refusal_report(const struct governed *governed, const char *name, int err, uint64_t mark)
{
	const char *what = governed->what, *on = governed->path;
	struct exit_record record;

	/* First, as an init may return any of the errors below. */
	if (find_init(governed, name, mark, &record)) {
		if (record.kind == MAGE_EXIT_TOO_LONG)
			return report(RC_BAD_POLICY, what, on, "mend its init",
				      "the policy '%s' was refused: %s", name, record.message);
		return report(RC_BAD_POLICY, what, on, "mend its init, or what that looks for",
			      "the policy '%s' does not want to start: %s: %s", name,
			      record.message, strerror(err));
	}
	switch (err) {
	case EEXIST:
	case EBUSY:
		return report(RC_EXISTS, what, on, "see 'mage policy list'",
			      "the cgroup is governed already");
	case EPERM:
	case EACCES:
		if (governed_is_overtaken(governed))
			return overtaken(governed, name);
		return report(RC_NOT_PERMITTED, what, on, NULL, "attaching '%s': %s", name,
			      strerror(err));
	case ENOLINK:
		/* A swap came too late: the old one does not stay in force. */
		error_note = NULL;
		return report(RC_NOT_FOUND, what, on, "use 'mage policy load'",
			      "the policy '%s' has left just now", governed->domain.policy);
	case ENOSPC:
		return report(RC_FAILED, what, on, "unload another one first",
			      "there are as many governed cgroups as the kernel can take");
	case EFBIG:
		return report(RC_BAD_POLICY, what, on,
			      "make it shorter, or its plain loops mage_for() loops",
			      "the policy '%s' has a callback in which the way may be too long",
			      name);
	case ENOMEM:
		return report(RC_FAILED, what, on, NULL, "attaching '%s': %s", name, strerror(err));
	default:
		return report(RC_BAD_POLICY, what, on, "check its flags and its name",
			      "the kernel refused '%s': %s", name, strerror(err));
	}
}
