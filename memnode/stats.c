// SPDX-License-Identifier: GPL-2.0-only
#include "stats.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "common/json.h"
#include "log.h"
#include "metrics.h"
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

static void print_port(struct json *json, const struct port_counters *port)
{
	json_open_object(json, NULL);
	json_string(json, "device", port->device);
	json_u64(json, "port", port->port);
	json_string(json, "netdev", port->netdev);
	json_string(json, "source", counters_source_name(port->source));
	json_u64(json, "received_bytes", port->received);
	json_u64(json, "sent_bytes", port->sent);
	json_open_object(json, "hw_counters");
	for (unsigned int i = 0; i < port->nr_hw; i++)
		json_u64(json, port->hw[i].name, port->hw[i].value);
	json_close_object(json);
	json_close_object(json);
}

static void print_client(struct json *json, const struct client *client)
{
	json_open_object(json, NULL);
	json_u64(json, "id", client->id);
	json_string(json, "address", client->address);
	json_string(json, "state", client_state_name(client->state));
	json_string(json, "key", client->key ? client->key->name : NULL);
	json_u64(json, "size", client->hello.size);
	json_u64(json, "reserved", client->charge);
	json_u64(json, "queues", client_nr_queues(client));
	json_i64(json, "seconds", server_now() - client->since);
	json_u64(json, "resumes", client->resumes);
	json_bool(json, "kept", client->kept.record);
	json_close_object(json);
}

static void print_refusals(struct json *json, const struct server *server)
{
	json_open_object(json, "refused_by");
	for (unsigned int cause = 0; cause < REFUSAL_NR; cause++)
		if (refusal_name(cause))
			json_u64(json, refusal_name(cause), server->refused_by[cause]);
	json_close_object(json);
}

static void print_sources(struct json *json, const struct admission *admission)
{
	json_open_array(json, "sources");
	for (unsigned int i = 0; i < ADMISSION_SOURCES_MAX; i++) {
		const struct source *source = &admission->sources[i];

		if (!source->address[0])
			continue;
		json_open_object(json, NULL);
		json_string(json, "address", source->address);
		json_bool(json, "known", source->known);
		json_u64(json, "unproven", source->unproven);
		json_u64(json, "refused", source->refused);
		json_close_object(json);
	}
	json_close_array(json);
}

/* KEY_UNLIMITED becomes null. */
static void print_limit(struct json *json, const char *name, uint64_t limit)
{
	if (limit == KEY_UNLIMITED)
		json_null(json, name);
	else
		json_u64(json, name, limit);
}

static void print_keys(struct json *json, const struct keyring *keyring)
{
	json_open_array(json, "keys");
	for (const struct key *key = keyring->keys; key; key = key->next) {
		json_open_object(json, NULL);
		json_string(json, "name", key->name);
		json_bool(json, "revoked", key->revoked);
		print_limit(json, "quota", key->settings.quota);
		json_u64(json, "reserved", key->reserved);
		print_limit(json, "sessions_max", key->settings.sessions);
		json_u64(json, "sessions", key->nr_sessions);
		json_u64(json, "queues_max", key->settings.queues);
		json_u64(json, "grace", key->settings.grace);
		json_close_object(json);
	}
	json_close_array(json);
}

static void print_json(FILE *file, const struct server *server, const struct wire *wire)
{
	const struct ledger *ledger = &server->ledger;
	struct json json;

	json_start(&json, file);
	json_open_object(&json, NULL);
	json_string(&json, "version", MEMNODE_VERSION);
	json_string(&json, "listen", server->address);
	json_u64(&json, "port", server->options->port);
	json_i64(&json, "seconds", server_now() - server->start);
	json_bool(&json, "draining", server->draining);
	json_u64(&json, "size", ledger->size);
	json_u64(&json, "reserved", ledger->reserved);
	json_u64(&json, "reserved_peak", ledger->peak);
	json_u64(&json, "free", ledger_free(ledger));
	json_u64(&json, "clients_served", server->served);
	json_u64(&json, "clients_refused", server->refused);
	print_refusals(&json, server);
	json_u64(&json, "unproven", server->admission.unproven);
	json_u64(&json, "unproven_max", ADMISSION_UNPROVEN_MAX);
	print_sources(&json, &server->admission);
	print_keys(&json, &server->keyring);
	json_u64(&json, "clients_suspended", server->suspended);
	json_u64(&json, "clients_resumed", server->resumed);
	json_u64(&json, "clients_restored", server->restored);
	json_open_array(&json, "clients");
	for (const struct client *client = server->clients; client; client = client->next)
		print_client(&json, client);
	json_close_array(&json);
	json_open_object(&json, "wire");
	json_u64(&json, "received_bytes", wire->received);
	json_u64(&json, "sent_bytes", wire->sent);
	json_open_array(&json, "ports");
	for (unsigned int i = 0; i < wire->counters.nr_ports; i++)
		print_port(&json, &wire->counters.ports[i]);
	json_close_array(&json);
	json_close_object(&json);
	json_close_object(&json);
	json_end(&json);
}

/* The causes that there were: "; 3 clients served, 5 refused (4 silent, 1 full)". */
static void print_refusals_text(const struct server *server)
{
	const char *before = " (";

	for (unsigned int cause = 0; cause < REFUSAL_NR; cause++) {
		if (!server->refused_by[cause])
			continue;
		printf("%s%" PRIu64 " %s", before, server->refused_by[cause], refusal_name(cause));
		before = ", ";
	}
	puts(server->refused ? ")" : "");
}

static void print_key_text(const struct key *key)
{
	char reserved[SIZE_TEXT_LEN], quota[SIZE_TEXT_LEN];

	/* That of all is said in the first line. */
	if (!key->name[0])
		return;
	size_format(key->reserved, reserved);
	size_format(key->settings.quota, quota);
	printf("key %s: %s of %s, %" PRIu64 " sessions%s\n", key->name, reserved,
	       key->settings.quota == KEY_UNLIMITED ? "no quota" : quota, key->nr_sessions,
	       key->revoked ? ", revoked" : "");
}

static void print_text(const struct server *server, const struct wire *wire)
{
	const struct ledger *ledger = &server->ledger;
	char size[SIZE_TEXT_LEN], reserved[SIZE_TEXT_LEN];

	printf("%s of %s reserved; %" PRIu64 " clients served, %" PRIu64 " refused",
	       size_format(ledger->reserved, reserved), size_format(ledger->size, size),
	       server->served, server->refused);
	print_refusals_text(server);
	for (const struct key *key = server->keyring.keys; key; key = key->next)
		print_key_text(key);
	printf("connections lost %" PRIu64 " times, resumed %" PRIu64 " times\n", server->suspended,
	       server->resumed);
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

static void print_metrics(FILE *file, const struct server *server, const struct wire *wire)
{
	metrics_print(file, server, &wire->counters);
}

static void write_file(const char *path, const struct server *server, const struct wire *wire,
		       void (*print)(FILE *file, const struct server *server,
				     const struct wire *wire))
{
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
	print(file, server, wire);
	good = !ferror(file);
	if (fclose(file) || !good || rename(temporary, path)) {
		log_line("writing %s failed: %s", path, strerror(errno));
		unlink(temporary);
	}
}

static void write_files(const struct server *server, const struct wire *wire)
{
	write_file(server->options->stats_file, server, wire, print_json);
	write_file(server->options->metrics_file, server, wire, print_metrics);
}

void stats_write_files(const struct server *server)
{
	struct wire wire;

	read_wire(server, &wire);
	write_files(server, &wire);
}

void stats_publish(const struct server *server)
{
	struct wire wire;

	read_wire(server, &wire);
	write_files(server, &wire);
	if (server->options->json)
		print_json(stdout, server, &wire);
	else
		print_text(server, &wire);
	fflush(stdout);
}
