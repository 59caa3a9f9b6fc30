/* SPDX-License-Identifier: GPL-2.0-only */
/* NAME=VALUE for a tunable, and what is wrong with it. */
#ifndef MAGE_POLICIES_TUNABLE_SETTING_H
#define MAGE_POLICIES_TUNABLE_SETTING_H

#include "base/exit_codes.h"
#include "base/options.h"
#include "policies/tunable_btf.h"

struct setting {
	struct tunable *tunable;
	int64_t value;
};

/*
 * Finds what each of @words sets; none is set if one is wrong, which is reported on
 * behalf of @what about the policy @on.  @running: constants cannot be set any more.
 * @settings has room for MOST_WORDS.
 */
enum rc settings_read(const char *what, const char *on, const struct word_list *words, bool running,
		      struct tunables *tunables, struct setting *settings);

#endif
