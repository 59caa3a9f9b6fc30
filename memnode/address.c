// SPDX-License-Identifier: GPL-2.0-only
#include "address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

void address_of_peer(struct rdma_cm_id *id, char text[static ADDRESS_LEN])
{
	const struct sockaddr *address = rdma_get_peer_addr(id);
	socklen_t len = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
							 sizeof(struct sockaddr_in);

	if (getnameinfo(address, len, text, ADDRESS_LEN, NULL, 0, NI_NUMERICHOST))
		strcpy(text, "unknown");
}
