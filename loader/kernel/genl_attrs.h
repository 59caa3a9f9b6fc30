/* SPDX-License-Identifier: GPL-2.0-only */
/* Between netlink attributes and the structures of state.h. */
#ifndef MAGE_KERNEL_GENL_ATTRS_H
#define MAGE_KERNEL_GENL_ATTRS_H

#include "kernel/state.h"

struct nl_msg;
struct nlmsghdr;

/* Each to a zeroed struct device, domain, exit_record or policy_said. */
void device_from_msg(struct nlmsghdr *hdr, void *device);
void domain_from_msg(struct nlmsghdr *hdr, void *domain);
void exit_from_msg(struct nlmsghdr *hdr, void *record);
void said_from_msg(struct nlmsghdr *hdr, void *said);

/* 0, or a negative number if the message has no room. */
int connect_request_to_msg(struct nl_msg *msg, const struct connect_request *request);
int leg_request_to_msg(struct nl_msg *msg, const struct leg_request *leg);

#endif
