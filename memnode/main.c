// SPDX-License-Identifier: GPL-2.0-only
/*
 * mage-memnoded: lends memory of this machine over RDMA.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "keyring.h"
#include "log.h"
#include "loop.h"
#include "options.h"
#include "restore.h"
#include "server.h"
#include "size.h"
#include "stats.h"
#include "store.h"

static int check_size(const struct options *options)
{
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	char asked[SIZE_TEXT_LEN];

	if (options->size < memory)
		return 0;
	log_line("--size: this machine has %llu MiB, %s cannot be lent",
		 (unsigned long long)memory >> 20, size_format(options->size, asked));
	return -1;
}

static int check_keep(const struct options *options)
{
	if (!options->keep || store_is_there())
		return 0;
	log_line("--keep: no service manager has started this: NOTIFY_SOCKET is not set");
	return -1;
}

/* Only root may; where it fails, locking tells when it matters. */
static void raise_memlock(void)
{
	const struct rlimit unlimited = {
		.rlim_cur = RLIM_INFINITY,
		.rlim_max = RLIM_INFINITY,
	};

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
}

/*
 * For what does not get better by itself, so that the unit is not started again.
 * But then the service manager would drop the memory of clients, which is worse
 * than to be started in vain until somebody has mended it.
 */
static int give_up(enum exit_status status)
{
	if (!store_was_passed())
		return status;
	log_line("the memory of clients stays with the service manager");
	return EXIT_STATUS_KEPT;
}

static void announce(const struct server *server)
{
	const struct options *options = server->options;
	bool ipv6 = strchr(server->address, ':');

	printf("mage-memnoded: listening on %s%s%s:%u, %llu MiB to lend\n", ipv6 ? "[" : "",
	       server->address, ipv6 ? "]" : "", options->port,
	       (unsigned long long)options->size >> 20);
	fflush(stdout);
	sd_notifyf(0, "READY=1\nSTATUS=listening on %s port %u", server->address, options->port);
}

int main(int argc, char **argv)
{
	static struct server server;
	static struct loop loop;
	struct options options;
	char error[512];
	int ret;

	if (options_parse(&options, argc, argv, error, sizeof(error))) {
		log_line("%s; see mage-memnoded --help", error);
		return give_up(EXIT_STATUS_USAGE);
	}
	if (options.action == OPTIONS_HELP) {
		fputs(options_help, stdout);
		return EXIT_STATUS_OK;
	}
	if (options.action == OPTIONS_VERSION) {
		puts("mage-memnoded " MEMNODE_VERSION);
		return EXIT_STATUS_OK;
	}
	if (check_size(&options) || check_keep(&options))
		return give_up(EXIT_STATUS_USAGE);
	if (keyring_load(&server.keyring, &options, error, sizeof(error))) {
		log_line("keys: %s", error);
		return give_up(EXIT_STATUS_SECRET);
	}

	raise_memlock();
	if (server_open(&server, &options))
		return EXIT_STATUS_LISTEN;
	if (restore_sessions(&server)) {
		log_line("they stay with the service manager until it stops the service");
		return EXIT_STATUS_KEPT;
	}
	if (loop_open(&loop, &server)) {
		server_close(&server);
		return EXIT_STATUS_LISTEN;
	}
	announce(&server);

	ret = loop_run(&loop);
	stats_publish(&server);
	/* Clients, and threads that work for them, are still there: nothing is taken from them. */
	if (ret)
		return EXIT_STATUS_FAILED;
	loop_close(&loop);
	server_close(&server);
	return EXIT_STATUS_OK;
}
