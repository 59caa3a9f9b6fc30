/* SPDX-License-Identifier: GPL-2.0-only */
/* Pins of policies' links: /sys/fs/bpf/mage/CGROUP-ID. */
#ifndef MAGE_DOMAINS_PIN_H
#define MAGE_DOMAINS_PIN_H

#include <stdint.h>

#include "base/exit_codes.h"

enum pin_state {
	PIN_NONE,
	PIN_STALE, /* the policy has left: ejected, or its cgroup is gone */
	PIN_LIVE,
	PIN_UNKNOWN, /* not permitted to look */
};

/*
 * Looks for the pin; *fd is the link's if the state is stale or live, and the
 * caller closes it.  Reports on behalf of @what if something else is there.
 */
enum rc pin_open(const char *what, uint64_t cgroup_id, enum pin_state *state, int *fd);

/* The map that a live link has now: a descriptor, or a negative errno; -ENOENT if it is stale. */
int pin_map(int link_fd);

/* The same as pin_open() for those who only want to know. */
enum pin_state pin_look(uint64_t cgroup_id);

/* Makes the folder (and mounts the BPF file system) if need be, and pins the link. */
enum rc pin_make(const char *what, uint64_t cgroup_id, int link_fd);
enum rc pin_remove(const char *what, uint64_t cgroup_id);

/* Detaches the policy of a cgroup that is to go and removes its pin, if there is one. */
void pin_drop(uint64_t cgroup_id);

/* Removes the stale pins of cgroups that are gone. */
void pin_sweep(void);

#endif
