// SPDX-License-Identifier: GPL-2.0-only
#include "restore.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <rdma/rdma_cma.h>

#include "client.h"
#include "kept.h"
#include "log.h"
#include "server.h"

struct restoring {
	struct server *server;
	bool failed;
};

static struct ibv_context *find_device(const struct server *server, const char *name)
{
	for (struct ibv_context **device = server->devices; device && *device; device++)
		if (!strcmp(ibv_get_device_name((*device)->device), name))
			return *device;
	return NULL;
}

static void restore(void *context, const char *name, const int fds[static STORE_NR_PARTS])
{
	struct restoring *restoring = context;
	struct server *server = restoring->server;
	char error[256];
	struct kept kept;

	/* The daemon was killed before the store had heard of it. */
	if (kept_was_forgotten(fds[STORE_RECORD])) {
		store_remove(name);
		for (unsigned int part = 0; part < STORE_NR_PARTS; part++)
			close(fds[part]);
		return;
	}
	if (kept_take(&kept, name, fds, error, sizeof(error)) &&
	    client_restore(server, &kept, fds[STORE_MEMORY],
			   find_device(server, kept.record->device), error, sizeof(error)))
		return;
	log_line("session %s of the daemon before cannot be taken over: %s", name, error);
	restoring->failed = true;
}

int restore_sessions(struct server *server)
{
	struct restoring restoring = { .server = server };

	if (!store_was_passed())
		return 0;
	/* Contexts are those of connections as long as this list is not freed. */
	server->devices = rdma_get_devices(NULL);
	if (store_take(restore, &restoring) < 0) {
		log_line("what the service manager has passed cannot be had: %s", strerror(errno));
		return -1;
	}
	/* All at once: the others took their time, and nobody could connect. */
	for (struct client *client = server->clients; client; client = client->next)
		client_begin_grace(client);
	return restoring.failed ? -1 : 0;
}
