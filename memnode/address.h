/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network addresses as text.
 */
#ifndef MEMNODE_ADDRESS_H
#define MEMNODE_ADDRESS_H

#include <rdma/rdma_cma.h>

#define ADDRESS_LEN 64

/* The numeric address of the other end. */
void address_of_peer(struct rdma_cm_id *id, char text[static ADDRESS_LEN]);

#endif
