// SPDX-License-Identifier: GPL-2.0-only
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "log.h"
#include "server.h"

#define BACKLOG 64

static bool control_request(struct server *server, struct rdma_cm_id *id, struct source *source,
			    const struct rdma_conn_param *param, struct verdict *verdict)
{
	struct source *displaced;

	if (!admission_enter(&server->admission, source, &displaced, verdict))
		return false;
	if (displaced)
		client_displace(server, displaced);
	if (client_accept(server, id, source, param, verdict))
		return true;
	admission_leave(&server->admission, source, false);
	return false;
}

static bool connect_request(struct server *server, struct rdma_cm_id *id, struct source *source,
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
	/* Not among those that may be anybody: it names a session. */
	if (request.kind == MAGE_WIRE_RESUME)
		return client_accept_resume(server, id, &request, param, verdict);
	if (!admission_take_credit(&server->admission, source, server_now(), verdict))
		return false;
	if (server->draining)
		return refuse_drained(verdict);
	return control_request(server, id, source, param, verdict);
}

/*
 * Also what is refused at the first look costs its source credit, so that
 * nobody fills the log.
 */
static void log_refusal(struct server *server, struct rdma_cm_id *id, struct source *source,
			const struct verdict *verdict)
{
	char address[ADDRESS_LEN];
	struct verdict ignored;

	if (!admission_take_credit(&server->admission, source, server_now(), &ignored))
		return;
	address_of_peer(id, address);
	log_line("client %s refused: %s", address, verdict->message);
}

static void handle_connect_request(struct server *server, struct rdma_cm_id *id,
				   const struct rdma_conn_param *param)
{
	char address[ADDRESS_LEN];
	struct mage_wire_rej rej;
	struct verdict verdict;
	struct source *source;

	id->context = NULL;
	address_source(rdma_get_peer_addr(id), address);
	source = admission_source(&server->admission, address, server_now());
	if (connect_request(server, id, source, param, &verdict))
		return;

	log_refusal(server, id, source, &verdict);
	server_refused(server, source, verdict.cause);
	protocol_make_reject(&rej, &verdict);
	rdma_reject(id, &rej, sizeof(rej));
	rdma_destroy_id(id);
}

/* The event is acknowledged before anything is destroyed, which waits for that. */
int listener_event(struct listener *listener)
{
	struct rdma_cm_event *event, copy;
	uint8_t private_data[UINT8_MAX];
	struct conn *conn;

	if (rdma_get_cm_event(listener->channel, &event)) {
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
		handle_connect_request(listener->server, copy.id, &copy.param.conn);
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
		} else if (copy.id == listener->id) {
			log_line("the RDMA device of %s was removed", listener->server->address);
			return -1;
		}
		break;
	default:
		break;
	}
	return 0;
}

static int listen_on(struct listener *listener, const char *address, int *error)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct server *server = listener->server;
	struct addrinfo *info;
	char port[8];
	int ret;

	snprintf(server->address, sizeof(server->address), "%s", address);
	snprintf(port, sizeof(port), "%u", server->options->port);
	if (getaddrinfo(address, port, &hints, &info)) {
		*error = EINVAL;
		return -1;
	}

	ret = rdma_create_id(listener->channel, &listener->id, NULL, RDMA_PS_TCP);
	if (!ret)
		ret = rdma_bind_addr(listener->id, info->ai_addr);
	if (!ret)
		ret = rdma_listen(listener->id, BACKLOG);
	*error = errno;
	freeaddrinfo(info);
	if (ret && listener->id) {
		rdma_destroy_id(listener->id);
		listener->id = NULL;
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

int listener_open(struct listener *listener, struct server *server)
{
	const struct options *options = server->options;
	int error;

	*listener = (struct listener){
		.server = server,
		.channel = rdma_create_event_channel(),
	};
	if (!listener->channel) {
		log_line(
			"no RDMA on this machine: /dev/infiniband/rdma_cm: %s; load rdma_ucm, and rdma_rxe for an Ethernet card without RDMA",
			strerror(errno));
		return -1;
	}
	fcntl(listener->channel->fd, F_SETFL, O_NONBLOCK);

	if (options->listen) {
		if (!listen_on(listener, options->listen, &error)) {
			if (listener->id->verbs)
				snprintf(server->device, sizeof(server->device), "%s",
					 ibv_get_device_name(listener->id->verbs->device));
			return 0;
		}
	} else if (!listen_on(listener, "::", &error) || !listen_on(listener, "0.0.0.0", &error)) {
		return 0;
	}

	log_line("cannot listen on %s port %u: %s: %s", server->address, options->port,
		 strerror(error), listen_advice(error));
	listener_close(listener);
	return -1;
}

void listener_close(struct listener *listener)
{
	if (listener->id)
		rdma_destroy_id(listener->id);
	if (listener->channel)
		rdma_destroy_event_channel(listener->channel);
}
