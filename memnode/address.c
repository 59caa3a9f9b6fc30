// SPDX-License-Identifier: GPL-2.0-only
#include "address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define V4_MAPPED_BYTES 12

void address_source(const struct sockaddr *address, char text[static ADDRESS_LEN])
{
	char numeric[INET6_ADDRSTRLEN];
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		inet_ntop(AF_INET, &v4.sin_addr, text, ADDRESS_LEN);
		return;
	}
	if (address->sa_family != AF_INET6) {
		strcpy(text, "unknown");
		return;
	}
	memcpy(&v6, address, sizeof(v6));
	if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
		inet_ntop(AF_INET, v6.sin6_addr.s6_addr + V4_MAPPED_BYTES, text, ADDRESS_LEN);
		return;
	}
	memset(v6.sin6_addr.s6_addr + sizeof(v6.sin6_addr) / 2, 0, sizeof(v6.sin6_addr) / 2);
	inet_ntop(AF_INET6, &v6.sin6_addr, numeric, sizeof(numeric));
	snprintf(text, ADDRESS_LEN, "%s/64", numeric);
}

void address_of_peer(struct rdma_cm_id *id, char text[static ADDRESS_LEN])
{
	const struct sockaddr *address = rdma_get_peer_addr(id);
	socklen_t len = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
							 sizeof(struct sockaddr_in);

	if (getnameinfo(address, len, text, ADDRESS_LEN, NULL, 0, NI_NUMERICHOST))
		strcpy(text, "unknown");
}
