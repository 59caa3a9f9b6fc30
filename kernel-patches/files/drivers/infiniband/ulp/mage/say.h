/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the rdma backend's sentences for people.  Owns no state.
 */
#ifndef _MAGE_RDMA_SAY_H
#define _MAGE_RDMA_SAY_H

#include <linux/compiler_attributes.h>

struct netlink_ext_ack;

/**
 * mage_rdma_extack() - set the sentence that the user gets to read
 * @extack: gets it
 * @fmt: the sentence
 *
 * What does not fit in there is cut off rather than warned about.
 */
void mage_rdma_extack(struct netlink_ext_ack *extack, const char *fmt, ...)
	__printf(2, 3);

/**
 * mage_rdma_refusal() - pass on why the memory node refused
 * @name: the memory node, for people
 * @status: enum mage_wire_status that it sent
 * @message: its sentence, not trusted, ends with NUL
 * @extack: gets as much of the sentence as fits
 *
 * Return: the negative errno that stands for @status
 */
int mage_rdma_refusal(const char *name, unsigned int status,
		      const char *message, struct netlink_ext_ack *extack);

#endif /* _MAGE_RDMA_SAY_H */
