// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <linux/mage.h>

#include "base/error.h"
#include "kernel/events.h"

struct events {
	struct nl_sock *sock;
};

void events_close(struct events *events)
{
	if (!events)
		return;
	if (events->sock)
		nl_socket_free(events->sock);
	free(events);
}

enum rc events_open(const char *what, struct events **out)
{
	struct events *events = calloc(1, sizeof(*events));
	int group, err;

	if (events)
		events->sock = nl_socket_alloc();
	if (!events || !events->sock) {
		events_close(events);
		return report(RC_FAILED, what, NULL, NULL, "out of memory");
	}
	err = genl_connect(events->sock);
	if (!err) {
		group = genl_ctrl_resolve_grp(events->sock, MAGE_GENL_NAME, MAGE_GENL_EVENTS);
		err = group < 0 ? group : nl_socket_add_membership(events->sock, group);
	}
	if (err < 0) {
		events_close(events);
		return report(RC_FAILED, what, "events of far devices", NULL, "%s",
			      nl_geterror(err));
	}
	*out = events;
	return RC_OK;
}

int events_fd(const struct events *events)
{
	return events ? nl_socket_get_fd(events->sock) : -1;
}

void events_take(struct events *events)
{
	char message[4096];

	/* ENOBUFS says that some were lost, once. */
	while (recv(events_fd(events), message, sizeof(message), MSG_DONTWAIT) >= 0 ||
	       errno == EINTR || errno == ENOBUFS)
		;
}
