/* SPDX-License-Identifier: GPL-2.0-only */
/* Between netlink attributes and the structures of state.h. */
#ifndef MAGE_GENL_ATTRS_H
#define MAGE_GENL_ATTRS_H

struct connect_request;
struct nl_msg;
struct nlmsghdr;

/* @device points to a struct device, @domain to a struct domain, both zeroed. */
void device_from_msg(struct nlmsghdr *hdr, void *device);
void domain_from_msg(struct nlmsghdr *hdr, void *domain);

/* 0, or a negative number if the message has no room. */
int connect_request_to_msg(struct nl_msg *msg, const struct connect_request *request);

#endif
