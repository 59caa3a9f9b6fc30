// SPDX-License-Identifier: GPL-2.0-only
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "client.h"
#include "keyring.h"
#include "log.h"
#include "server.h"
#include "stats.h"

static void stop(struct server *server)
{
	struct client *client, *next;

	if (server->stopping)
		return;
	server->stopping = true;
	sd_notify(0, "STOPPING=1");
	for (client = server->clients; client; client = next) {
		next = client->next;
		if (!client_let_go(client))
			client_close(client, "the memory node is shutting down");
	}
}

/* The running keys stay if one of the files is bad. */
static void read_keys(struct server *server)
{
	char error[512];

	if (keyring_load(&server->keyring, server->options, error, sizeof(error)))
		log_line("keys are left as they were: %s", error);
	else
		log_line("read %u keys", server->keyring.nr);
}

/* Who is there stays as long as it likes. */
static void drain(struct server *server)
{
	if (server->draining)
		return;
	server->draining = true;
	log_line("draining: %u clients have memory, new ones are refused", server->ledger.clients);
	sd_notify(0, "STATUS=draining");
}

static void handle_signals(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			read_keys(loop->server);
		} else if (info.ssi_signo == SIGUSR1) {
			stats_publish(loop->server);
		} else if (info.ssi_signo == SIGUSR2) {
			drain(loop->server);
		} else {
			log_line("%s: shutting down", strsignal((int)info.ssi_signo));
			stop(loop->server);
		}
	}
}

static void handle_timer(struct loop *loop)
{
	struct server *server = loop->server;
	struct client *client, *next;
	time_t now = server_now();
	uint64_t ticks;

	if (read(loop->timer, &ticks, sizeof(ticks)) != sizeof(ticks))
		return;
	for (client = server->clients; client; client = next) {
		next = client->next;
		client_tick(client, now);
	}
	if (server->options->stats_interval && now >= loop->stats_due) {
		loop->stats_due = now + server->options->stats_interval;
		stats_write_files(server);
	}
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

int loop_run(struct loop *loop)
{
	struct server *server = loop->server;
	struct epoll_event event;
	struct client *client;

	while (server->clients || (!server->stopping && !server->draining)) {
		/* One at a time: handling one may end what another is about. */
		if (epoll_wait(server->epoll, &event, 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			log_line("waiting for events failed: %s", strerror(errno));
			return -1;
		}
		switch (event.data.u64) {
		case WATCH_CM:
			if (listener_event(&loop->listener))
				return -1;
			break;
		case WATCH_SIGNALS:
			handle_signals(loop);
			break;
		case WATCH_TIMER:
			handle_timer(loop);
			break;
		case WATCH_REPORTS:
			while ((client = server_reported(server)))
				client_worker_done(client);
			break;
		default:
			handle_client(server, event.data.u64 - WATCH_CLIENTS);
		}
	}
	return 0;
}

static int open_signals_and_timer(struct loop *loop)
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
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGUSR2);
	sigprocmask(SIG_BLOCK, &signals, NULL);

	loop->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (loop->signals < 0 || loop->timer < 0 ||
	    timerfd_settime(loop->timer, 0, &second, NULL) ||
	    server_watch(loop->server, loop->listener.channel->fd, WATCH_CM) ||
	    server_watch(loop->server, loop->signals, WATCH_SIGNALS) ||
	    server_watch(loop->server, loop->timer, WATCH_TIMER)) {
		log_line("making the event loop failed: %s", strerror(errno));
		return -1;
	}
	return 0;
}

int loop_open(struct loop *loop, struct server *server)
{
	*loop = (struct loop){
		.server = server,
		.signals = -1,
		.timer = -1,
	};
	if (listener_open(&loop->listener, server))
		return -1;
	if (open_signals_and_timer(loop)) {
		loop_close(loop);
		return -1;
	}
	return 0;
}

void loop_close(struct loop *loop)
{
	listener_close(&loop->listener);
	if (loop->signals >= 0)
		close(loop->signals);
	if (loop->timer >= 0)
		close(loop->timer);
}
