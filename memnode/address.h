/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network addresses as text.
 */
#ifndef MEMNODE_ADDRESS_H
#define MEMNODE_ADDRESS_H

#include <rdma/rdma_cma.h>
#include <sys/socket.h>

#define ADDRESS_LEN 64

/*
 * What one machine's connections have in common: its IPv4 address, or the first
 * 64 bits of its IPv6 address, as a host may have every address below them
 * (RFC 4291, section 2.5.1).  "unknown" for other kinds of addresses.
 */
void address_source(const struct sockaddr *address, char text[static ADDRESS_LEN]);

/* The numeric address of the other end. */
void address_of_peer(struct rdma_cm_id *id, char text[static ADDRESS_LEN]);

#endif
