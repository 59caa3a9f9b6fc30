/* SPDX-License-Identifier: GPL-2.0-only */
/* The cgroup of one command: /sys/fs/cgroup/mage/run-PID. */
#ifndef MAGE_DOMAINS_RUN_CGROUP_H
#define MAGE_DOMAINS_RUN_CGROUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/exit_codes.h"

/* The one that such cgroups are made in, if it is there or not. */
void run_cgroup_parent(char *path, size_t size);

/* Makes it with @limit bytes of local memory; its path in @path.  Reports a failure. */
enum rc run_cgroup_make(const char *what, uint64_t limit, char *path, size_t size);

/* Ends every process in it and waits for that. */
enum rc run_cgroup_empty(const char *what, const char *path);

/* Removes it, and the cgroup around it if that is not needed any more. */
enum rc run_cgroup_remove(const char *what, const char *path);

#endif
