// SPDX-License-Identifier: GPL-2.0-only
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <rdma/rdma_cma.h>

#include "log.h"
#include "region.h"

time_t server_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

int server_watch(struct server *server, int fd, uint64_t what)
{
	struct epoll_event event = {
		.events = EPOLLIN,
		.data.u64 = what,
	};

	return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event);
}

bool refuse_drained(struct verdict *verdict)
{
	return refuse(verdict, MAGE_WIRE_STOPPING,
		      "the memory node is being drained: take another one");
}

void server_refused(struct server *server, struct source *source, unsigned int cause)
{
	server->refused++;
	server->refused_by[cause]++;
	if (source)
		source->refused++;
}

void server_report(struct server *server, struct client *client)
{
	/* A pipe takes a pointer whole, and has room for one of each client. */
	while (write(server->reports[1], &client, sizeof(client)) < 0 && errno == EINTR)
		;
}

struct client *server_reported(struct server *server)
{
	struct client *client;

	if (read(server->reports[0], &client, sizeof(client)) != sizeof(client))
		return NULL;
	return client;
}

int server_open(struct server *server, const struct options *options)
{
	server->options = options;
	server->start = server_now();
	server->reports[0] = -1;
	server->reports[1] = -1;
	server->ledger = (struct ledger){
		.size = options->size,
		.max_client = options->max_client,
		.max_clients = options->max_clients,
		.granule = options->hugepages ? REGION_HUGEPAGE_SIZE : MAGE_WIRE_SIZE_UNIT,
	};

	server->admission = (struct admission){
		.per_source = options->max_unproven,
		.rate = options->connect_rate,
	};

	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (server->epoll < 0 || pipe2(server->reports, O_CLOEXEC) ||
	    fcntl(server->reports[0], F_SETFL, O_NONBLOCK) ||
	    server_watch(server, server->reports[0], WATCH_REPORTS)) {
		log_line("making the event loop failed: %s", strerror(errno));
		server_close(server);
		return -1;
	}
	counters_read(&server->counters, "/sys");
	return 0;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void server_close(struct server *server)
{
	close_fd(server->epoll);
	close_fd(server->reports[0]);
	close_fd(server->reports[1]);
	keyring_clear(&server->keyring);
	if (server->devices)
		rdma_free_devices(server->devices);
}
