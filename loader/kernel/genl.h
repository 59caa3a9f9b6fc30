/* SPDX-License-Identifier: GPL-2.0-only */
/* The client of the kernel's generic netlink family "mage". */
#ifndef MAGE_KERNEL_GENL_H
#define MAGE_KERNEL_GENL_H

#include <stdint.h>

#include "base/exit_codes.h"
#include "kernel/state.h"

struct genl;

/*
 * Opens the family, or says on behalf of @what why not: RC_NO_MAGE if the
 * kernel does not have it, or another version of it.
 */
enum rc genl_open(const char *what, struct genl **genl);

/* The version of the kernel's family, or -1 if that cannot be reached. Says nothing. */
int genl_version(void);
void genl_close(struct genl *genl);

/*
 * These return 0 or a negative errno; genl_why() has the kernel's own words
 * about the failure, and genl_fail() prints them.
 */
int genl_device_connect(struct genl *genl, const struct connect_request *request,
			struct device *device);
/* One leg more or less; *device is how it is then. */
int genl_leg_add(struct genl *genl, uint32_t index, const struct leg_request *leg,
		 struct device *device);
int genl_leg_remove(struct genl *genl, uint32_t index, uint32_t number, struct device *device);
int genl_device_disconnect(struct genl *genl, uint32_t index);
int genl_devices(struct genl *genl, struct device **devices, size_t *nr);
int genl_domains(struct genl *genl, struct domain **domains, size_t *nr);
/* The oldest first. */
int genl_exits(struct genl *genl, struct exit_record **records, size_t *nr);
/* Has the policy of a cgroup say how it is. */
int genl_policy_dump(struct genl *genl, uint64_t cgroup_id, struct policy_said *said);
int genl_domain_remove(struct genl *genl, uint64_t cgroup_id);

const char *genl_why(const struct genl *genl);
enum rc genl_fail(const struct genl *genl, int err, const char *what, const char *on,
		  const char *todo);

#endif
