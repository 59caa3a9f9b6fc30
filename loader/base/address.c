// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/error.h"

enum rc resolve_host(const char *what, const char *host, char *numeric, size_t size)
{
	/* RDMA has no streams; the type only keeps each address from coming thrice. */
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	int err;

	err = getaddrinfo(host, NULL, &hints, &found);
	if (err)
		return report(RC_NOT_FOUND, what, host, "check the memory node's name",
			      "cannot find the address: %s",
			      err == EAI_SYSTEM ? strerror(errno) : gai_strerror(err));
	err = getnameinfo(found->ai_addr, found->ai_addrlen, numeric, (socklen_t)size, NULL, 0,
			  NI_NUMERICHOST);
	freeaddrinfo(found);
	if (err)
		return report(RC_FAILED, what, host, NULL, "no numeric address: %s",
			      gai_strerror(err));
	return RC_OK;
}
