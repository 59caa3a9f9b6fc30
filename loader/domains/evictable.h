/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether pages of a cgroup could be evicted at all. */
#ifndef MAGE_DOMAINS_EVICTABLE_H
#define MAGE_DOMAINS_EVICTABLE_H

#include "kernel/genl.h"

/*
 * Is there a far device for them, and may the cgroup's swap become more?  @path is that of its
 * directory, which need not be there yet.  Reports on behalf of @what why not; @on is what the
 * cgroup is called in messages, or NULL.
 */
enum rc evictable_check(const char *what, const char *on, struct genl *genl, const char *path);

/* The second half of that. */
enum rc evictable_cgroup(const char *what, const char *on, const char *path);

/* Says so if nothing but the pressure of the whole machine will evict: no limit anywhere. */
void evictable_note(const char *on, const char *path);

#endif
