/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands "policy ..." have in common: one cgroup and who governs it. */
#ifndef MAGE_DOMAINS_GOVERNED_H
#define MAGE_DOMAINS_GOVERNED_H

#include <stdbool.h>

#include "base/exit_codes.h"
#include "domains/pin.h"
#include "kernel/genl.h"
#include "kernel/state.h"

struct governed {
	const char *what;
	const char *path; /* of the cgroup, as typed */
	uint64_t id;
	struct genl *genl;
	bool is_domain;
	struct domain domain; /* if it is one */
	enum pin_state pin;
	int pin_fd; /* -1 for none */
	int map_fd; /* of the policy, if its pin is live; else -1 */
};

/*
 * Finds the cgroup, its domain and its pin.  Reports a failure; governed_close()
 * is right in either case.
 */
enum rc governed_open(const char *what, const char *path, struct governed *governed);
/*
 * The same for a cgroup, or for the only one that the policy of this name governs.
 */
enum rc governed_find(const char *what, const char *typed, struct governed *governed);
void governed_close(struct governed *governed);

/* Does another policy govern by the same link than the one that was seen? */
bool governed_is_overtaken(const struct governed *governed);
/* Or none any more, as it was ejected or unloaded? */
bool governed_has_left(const struct governed *governed);

#endif
