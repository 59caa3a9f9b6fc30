// SPDX-License-Identifier: GPL-2.0-only
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "log.h"
#include "stats.h"

#define BACKLOG 64
/* Clients that have not said hello yet, at a time. */
#define PENDING_MAX 64

/* What epoll reports; numbers from WATCH_CLIENTS on are identifiers of clients. */
enum {
	WATCH_CM,
	WATCH_SIGNALS,
	WATCH_TIMER,
	WATCH_REPORTS,
	WATCH_CLIENTS,
};

time_t server_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

void server_add(struct server *server, struct client *client)
{
	client->id = ++server->last_id;
	client->next = server->clients;
	server->clients = client;
}

void server_remove(struct server *server, struct client *client)
{
	struct client **link = &server->clients;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
}

static int watch(struct server *server, int fd, uint64_t what)
{
	struct epoll_event event = {
		.events = EPOLLIN,
		.data.u64 = what,
	};

	return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event);
}

int server_watch(struct server *server, int fd, uint64_t client_id)
{
	return watch(server, fd, WATCH_CLIENTS + client_id);
}

void server_report(struct server *server, struct client *client)
{
	/* A pipe takes a pointer whole, and has room for one of each client. */
	while (write(server->reports[1], &client, sizeof(client)) < 0 && errno == EINTR)
		;
}

/* -- Connection events */

static bool too_many_pending(const struct server *server)
{
	const struct client *client;
	unsigned int nr = 0;

	for (client = server->clients; client; client = client->next)
		nr += client->state == CLIENT_PENDING;
	return nr >= PENDING_MAX;
}

static bool connect_request(struct server *server, struct rdma_cm_id *id,
			    const struct rdma_conn_param *param, struct verdict *verdict)
{
	struct request request;

	if (!protocol_parse_request(param->private_data, param->private_data_len, &request,
				    verdict))
		return false;
	if (server->stopping)
		return refuse(verdict, MAGE_WIRE_STOPPING, "the memory node is shutting down");
	if (request.kind == MAGE_WIRE_DATA)
		return client_join(server, id, &request, param, verdict);
	if (too_many_pending(server))
		return refuse(verdict, MAGE_WIRE_TOO_MANY,
			      "too many clients are saying hello: try again");
	return client_accept(server, id, param, verdict);
}

static void handle_connect_request(struct server *server, struct rdma_cm_id *id,
				   const struct rdma_conn_param *param)
{
	char address[CLIENT_ADDRESS_LEN];
	struct mage_wire_rej rej;
	struct verdict verdict;

	id->context = NULL;
	if (connect_request(server, id, param, &verdict))
		return;

	client_address(id, address);
	log_line("client %s refused: %s", address, verdict.message);
	server->refused++;
	protocol_make_reject(&rej, &verdict);
	rdma_reject(id, &rej, sizeof(rej));
	rdma_destroy_id(id);
}

/*
 * Takes one event.  It is acknowledged before anything is destroyed, which
 * waits for that.
 */
static int handle_cm(struct server *server)
{
	struct rdma_cm_event *event, copy;
	uint8_t private_data[UINT8_MAX];
	struct conn *conn;

	if (rdma_get_cm_event(server->channel, &event)) {
		if (errno == EAGAIN || errno == EINTR)
			return 0;
		log_line("connection events failed: %s", strerror(errno));
		return -1;
	}
	copy = *event;
	if (copy.event == RDMA_CM_EVENT_CONNECT_REQUEST && copy.param.conn.private_data_len)
		memcpy(private_data, copy.param.conn.private_data,
		       copy.param.conn.private_data_len);
	copy.param.conn.private_data = private_data;
	rdma_ack_cm_event(event);

	conn = copy.id->context;
	switch (copy.event) {
	case RDMA_CM_EVENT_CONNECT_REQUEST:
		handle_connect_request(server, copy.id, &copy.param.conn);
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
		if (conn)
			client_conn_lost(conn, "it disconnected");
		break;
	case RDMA_CM_EVENT_CONNECT_ERROR:
	case RDMA_CM_EVENT_UNREACHABLE:
	case RDMA_CM_EVENT_REJECTED:
		if (conn)
			client_conn_lost(conn, "it did not finish connecting");
		break;
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		if (conn) {
			client_conn_lost(conn, "the RDMA device was removed");
		} else if (copy.id == server->listener) {
			log_line("the RDMA device of %s was removed", server->address);
			return -1;
		}
		break;
	default:
		break;
	}
	return 0;
}

/* -- Signals, timer, workers */

static void stop(struct server *server)
{
	struct client *client, *next;

	if (server->stopping)
		return;
	server->stopping = true;
	sd_notify(0, "STOPPING=1");
	for (client = server->clients; client; client = next) {
		next = client->next;
		client_close(client, "the memory node is shutting down");
	}
}

static void handle_signals(struct server *server)
{
	struct signalfd_siginfo info;

	while (read(server->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1) {
			stats_publish(server);
		} else {
			log_line("%s: shutting down", strsignal((int)info.ssi_signo));
			stop(server);
		}
	}
}

static void handle_timer(struct server *server)
{
	struct client *client, *next;
	time_t now = server_now();
	uint64_t ticks;

	if (read(server->timer, &ticks, sizeof(ticks)) != sizeof(ticks))
		return;
	for (client = server->clients; client; client = next) {
		next = client->next;
		client_tick(client, now);
	}
	if (server->options->stats_interval && now >= server->stats_due) {
		server->stats_due = now + server->options->stats_interval;
		stats_write_file(server);
	}
}

static void handle_reports(struct server *server)
{
	struct client *client;

	while (read(server->reports[0], &client, sizeof(client)) == sizeof(client))
		client_worker_done(client);
}

static void handle_client(struct server *server, uint64_t id)
{
	struct client *client;

	for (client = server->clients; client; client = client->next) {
		if (client->id == id) {
			client_completion(client);
			return;
		}
	}
}

int server_run(struct server *server)
{
	struct epoll_event event;

	while (!server->stopping || server->clients) {
		/* One at a time: handling one may end what another is about. */
		if (epoll_wait(server->epoll, &event, 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			log_line("waiting for events failed: %s", strerror(errno));
			return -1;
		}
		switch (event.data.u64) {
		case WATCH_CM:
			if (handle_cm(server))
				return -1;
			break;
		case WATCH_SIGNALS:
			handle_signals(server);
			break;
		case WATCH_TIMER:
			handle_timer(server);
			break;
		case WATCH_REPORTS:
			handle_reports(server);
			break;
		default:
			handle_client(server, event.data.u64 - WATCH_CLIENTS);
		}
	}
	return 0;
}

/* -- Opening and closing */

static int listen_on(struct server *server, const char *address, int *error)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *info;
	char port[8];
	int ret;

	snprintf(server->address, sizeof(server->address), "%s", address);
	snprintf(port, sizeof(port), "%u", server->options->port);
	if (getaddrinfo(address, port, &hints, &info)) {
		*error = EINVAL;
		return -1;
	}

	ret = rdma_create_id(server->channel, &server->listener, NULL, RDMA_PS_TCP);
	if (!ret)
		ret = rdma_bind_addr(server->listener, info->ai_addr);
	if (!ret)
		ret = rdma_listen(server->listener, BACKLOG);
	*error = errno;
	freeaddrinfo(info);
	if (ret && server->listener) {
		rdma_destroy_id(server->listener);
		server->listener = NULL;
	}
	return ret;
}

static const char *listen_advice(int error)
{
	switch (error) {
	case EINVAL:
		return "give a numeric IPv4 or IPv6 address";
	case EADDRINUSE:
		return "another program has the port: choose one with --port";
	case EADDRNOTAVAIL:
		return "this machine does not have the address";
	case ENODEV:
		return "no RDMA device has the address: see rdma link, ibv_devices";
	case EACCES:
	case EPERM:
		return "run it as root, or with access to /dev/infiniband/rdma_cm";
	default:
		return "see rdma link, ibv_devices";
	}
}

static int open_listener(struct server *server)
{
	const struct options *options = server->options;
	int error;

	server->channel = rdma_create_event_channel();
	if (!server->channel) {
		log_line(
			"no RDMA on this machine: /dev/infiniband/rdma_cm: %s; load rdma_ucm, and rdma_rxe for an Ethernet card without RDMA",
			strerror(errno));
		return -1;
	}
	fcntl(server->channel->fd, F_SETFL, O_NONBLOCK);

	if (options->listen) {
		if (!listen_on(server, options->listen, &error)) {
			if (server->listener->verbs)
				snprintf(server->device, sizeof(server->device), "%s",
					 ibv_get_device_name(server->listener->verbs->device));
			return 0;
		}
	} else if (!listen_on(server, "::", &error) || !listen_on(server, "0.0.0.0", &error)) {
		return 0;
	}

	log_line("cannot listen on %s port %u: %s: %s", server->address, options->port,
		 strerror(error), listen_advice(error));
	return -1;
}

static int open_loop(struct server *server)
{
	const struct itimerspec second = {
		.it_interval.tv_sec = 1,
		.it_value.tv_sec = 1,
	};
	sigset_t signals;

	/* Workers inherit the mask: signals come to the loop alone. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);

	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	server->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	server->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (server->epoll < 0 || server->signals < 0 || server->timer < 0 ||
	    pipe2(server->reports, O_CLOEXEC) || fcntl(server->reports[0], F_SETFL, O_NONBLOCK) ||
	    timerfd_settime(server->timer, 0, &second, NULL) ||
	    watch(server, server->channel->fd, WATCH_CM) ||
	    watch(server, server->signals, WATCH_SIGNALS) ||
	    watch(server, server->timer, WATCH_TIMER) ||
	    watch(server, server->reports[0], WATCH_REPORTS)) {
		log_line("making the event loop failed: %s", strerror(errno));
		return -1;
	}
	return 0;
}

int server_open(struct server *server, const struct options *options)
{
	server->options = options;
	server->start = server_now();
	server->epoll = -1;
	server->signals = -1;
	server->timer = -1;
	server->reports[0] = -1;
	server->reports[1] = -1;
	server->ledger = (struct ledger){
		.size = options->size,
		.max_client = options->max_client,
		.max_clients = options->max_clients,
		.granule = options->hugepages ? REGION_HUGEPAGE_SIZE : MAGE_WIRE_SIZE_UNIT,
	};

	if (open_listener(server) || open_loop(server)) {
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
	if (server->listener)
		rdma_destroy_id(server->listener);
	if (server->channel)
		rdma_destroy_event_channel(server->channel);
	close_fd(server->epoll);
	close_fd(server->signals);
	close_fd(server->timer);
	close_fd(server->reports[0]);
	close_fd(server->reports[1]);
	explicit_bzero(&server->secret, sizeof(server->secret));
}
