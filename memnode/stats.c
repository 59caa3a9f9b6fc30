// SPDX-License-Identifier: GPL-2.0-only
#include "stats.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "log.h"
#include "server.h"
#include "size.h"

/* Counters since the start, and their sum over the ports that clients reach. */
struct wire {
	struct counters counters;
	uint64_t received;
	uint64_t sent;
};

static void read_wire(const struct server *server, struct wire *wire)
{
	wire->received = 0;
	wire->sent = 0;
	counters_read(&wire->counters, "/sys");
	counters_subtract(&wire->counters, &server->counters);
	for (unsigned int i = 0; i < wire->counters.nr_ports; i++) {
		const struct port_counters *port = &wire->counters.ports[i];

		if (server->device[0] && strcmp(server->device, port->device))
			continue;
		wire->received += port->received;
		wire->sent += port->sent;
	}
}

/* Names of devices and addresses; nothing in them needs escaping but is checked. */
static void print_string(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text; text++)
		fputc(*text < ' ' || *text == '"' || *text == '\\' ? '?' : *text, file);
	fputc('"', file);
}

static void print_port(FILE *file, const struct port_counters *port)
{
	fputs("{\"device\":", file);
	print_string(file, port->device);
	fprintf(file, ",\"port\":%u,\"netdev\":", port->port);
	print_string(file, port->netdev);
	fprintf(file,
		",\"source\":\"%s\",\"received_bytes\":%" PRIu64 ",\"sent_bytes\":%" PRIu64
		",\"hw_counters\":{",
		counters_source_name(port->source), port->received, port->sent);
	for (unsigned int i = 0; i < port->nr_hw; i++) {
		if (i)
			fputc(',', file);
		print_string(file, port->hw[i].name);
		fprintf(file, ":%" PRIu64, port->hw[i].value);
	}
	fputs("}}", file);
}

static void print_client(FILE *file, const struct client *client)
{
	fprintf(file, "{\"id\":%" PRIu64 ",\"address\":", client->id);
	print_string(file, client->address);
	fprintf(file,
		",\"state\":\"%s\",\"size\":%" PRIu64 ",\"reserved\":%" PRIu64
		",\"queues\":%u,\"seconds\":%lld}",
		client_state_name(client->state), client->hello.size, client->charge,
		client_nr_queues(client), (long long)(server_now() - client->since));
}

static void print_json(FILE *file, const struct server *server, const struct wire *wire)
{
	const struct ledger *ledger = &server->ledger;

	fprintf(file, "{\"version\":\"%s\",\"listen\":", MEMNODE_VERSION);
	print_string(file, server->address);
	fprintf(file, ",\"port\":%u,\"seconds\":%lld", server->options->port,
		(long long)(server_now() - server->start));
	fprintf(file,
		",\"size\":%" PRIu64 ",\"reserved\":%" PRIu64 ",\"reserved_peak\":%" PRIu64
		",\"free\":%" PRIu64,
		ledger->size, ledger->reserved, ledger->peak, ledger->size - ledger->reserved);
	fprintf(file,
		",\"clients_served\":%" PRIu64 ",\"clients_refused\":%" PRIu64 ",\"clients\":[",
		server->served, server->refused);
	for (const struct client *client = server->clients; client; client = client->next) {
		print_client(file, client);
		if (client->next)
			fputc(',', file);
	}
	fprintf(file,
		"],\"wire\":{\"received_bytes\":%" PRIu64 ",\"sent_bytes\":%" PRIu64 ",\"ports\":[",
		wire->received, wire->sent);
	for (unsigned int i = 0; i < wire->counters.nr_ports; i++) {
		if (i)
			fputc(',', file);
		print_port(file, &wire->counters.ports[i]);
	}
	fputs("]}}\n", file);
}

static void print_text(const struct server *server, const struct wire *wire)
{
	const struct ledger *ledger = &server->ledger;
	char size[SIZE_TEXT_LEN], reserved[SIZE_TEXT_LEN];

	printf("%s of %s reserved; %" PRIu64 " clients served, %" PRIu64 " refused\n",
	       size_format(ledger->reserved, reserved), size_format(ledger->size, size),
	       server->served, server->refused);
	for (const struct client *client = server->clients; client; client = client->next)
		printf("client %" PRIu64 " %s: %s, %s, %u queues, %lld s\n", client->id,
		       client->address, client_state_name(client->state),
		       size_format(client->charge, reserved), client_nr_queues(client),
		       (long long)(server_now() - client->since));
	for (unsigned int i = 0; i < wire->counters.nr_ports; i++) {
		const struct port_counters *port = &wire->counters.ports[i];

		printf("%s port %u (%s): %" PRIu64 " bytes received, %" PRIu64
		       " bytes sent (counted by: %s)\n",
		       port->device, port->port, port->netdev, port->received, port->sent,
		       counters_source_name(port->source));
	}
}

static void write_file(const struct server *server, const struct wire *wire)
{
	const char *path = server->options->stats_file;
	char temporary[PATH_MAX];
	FILE *file;
	bool good;

	if (!path)
		return;
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	file = fopen(temporary, "we");
	if (!file) {
		log_line("%s: %s", temporary, strerror(errno));
		return;
	}
	print_json(file, server, wire);
	good = !ferror(file);
	if (fclose(file) || !good || rename(temporary, path)) {
		log_line("writing %s failed: %s", path, strerror(errno));
		unlink(temporary);
	}
}

void stats_write_file(const struct server *server)
{
	struct wire wire;

	read_wire(server, &wire);
	write_file(server, &wire);
}

void stats_publish(const struct server *server)
{
	struct wire wire;

	read_wire(server, &wire);
	write_file(server, &wire);
	if (server->options->json)
		print_json(stdout, server, &wire);
	else
		print_text(server, &wire);
	fflush(stdout);
}
