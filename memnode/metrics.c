// SPDX-License-Identifier: GPL-2.0-only
#include "metrics.h"

#include "client.h"
#include "prometheus.h"
#include "refusal.h"
#include "server.h"

static void gauge(FILE *out, const char *name, const char *help, uint64_t value)
{
	prometheus_gauge(out, name, help);
	prometheus_sample(out, name, value, NULL);
}

static void print_node(FILE *out, const struct server *server)
{
	const struct ledger *ledger = &server->ledger;

	prometheus_gauge(out, "mage_memnode_info", "What runs.");
	prometheus_sample(out, "mage_memnode_info", 1, "version", MEMNODE_VERSION, "listen",
			  server->address, NULL);
	gauge(out, "mage_memnode_uptime_seconds", "Time since the start.",
	      (uint64_t)(server_now() - server->start));
	gauge(out, "mage_memnode_draining", "1 if new clients are refused for good.",
	      server->draining);
	gauge(out, "mage_memnode_size_bytes", "Memory to lend.", ledger->size);
	gauge(out, "mage_memnode_reserved_bytes", "Memory that is lent.", ledger->reserved);
	gauge(out, "mage_memnode_reserved_peak_bytes", "Most memory that was lent at a time.",
	      ledger->peak);
	gauge(out, "mage_memnode_unproven_clients", "Clients that have not proved a key.",
	      server->admission.unproven);
}

static void print_clients(FILE *out, const struct server *server)
{
	uint64_t nr[CLIENT_CLOSING + 1] = { 0 };

	for (const struct client *client = server->clients; client; client = client->next)
		nr[client->state]++;
	prometheus_gauge(out, "mage_memnode_clients", "Clients that are there, by state.");
	for (enum client_state state = CLIENT_PENDING; state <= CLIENT_CLOSING; state++)
		prometheus_sample(out, "mage_memnode_clients", nr[state], "state",
				  client_state_name(state), NULL);

	prometheus_counter(out, "mage_memnode_served_total", "Clients that got memory.");
	prometheus_sample(out, "mage_memnode_served_total", server->served, NULL);
	prometheus_counter(out, "mage_memnode_refused_total",
			   "Clients that did not get memory, by cause.");
	for (unsigned int cause = 0; cause < REFUSAL_NR; cause++)
		if (refusal_name(cause))
			prometheus_sample(out, "mage_memnode_refused_total",
					  server->refused_by[cause], "cause", refusal_name(cause),
					  NULL);
}

/* All samples of a metric have to be together. */
static void print_keys(FILE *out, const struct server *server)
{
	const struct key *keys = server->keyring.keys;

	prometheus_gauge(out, "mage_memnode_key_reserved_bytes", "Memory lent to a key.");
	for (const struct key *key = keys; key; key = key->next)
		prometheus_sample(out, "mage_memnode_key_reserved_bytes", key->reserved, "key",
				  key->name, NULL);
	prometheus_gauge(out, "mage_memnode_key_sessions", "Sessions of a key.");
	for (const struct key *key = keys; key; key = key->next)
		prometheus_sample(out, "mage_memnode_key_sessions", key->nr_sessions, "key",
				  key->name, NULL);
	prometheus_gauge(out, "mage_memnode_key_quota_bytes",
			 "Most that a key gets; not there for one without a quota.");
	for (const struct key *key = keys; key; key = key->next)
		if (key->settings.quota != KEY_UNLIMITED)
			prometheus_sample(out, "mage_memnode_key_quota_bytes", key->settings.quota,
					  "key", key->name, NULL);
}

static void print_port(FILE *out, const char *name, const struct port_counters *port,
		       uint64_t value)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", port->port);
	prometheus_sample(out, name, value, "device", port->device, "port", number, "source",
			  counters_source_name(port->source), NULL);
}

static void print_wire(FILE *out, const struct counters *wire)
{
	prometheus_counter(out, "mage_memnode_received_bytes_total",
			   "Bytes that a port received, as the kernel counts them.");
	for (unsigned int i = 0; i < wire->nr_ports; i++)
		print_port(out, "mage_memnode_received_bytes_total", &wire->ports[i],
			   wire->ports[i].received);
	prometheus_counter(out, "mage_memnode_sent_bytes_total",
			   "Bytes that a port sent, as the kernel counts them.");
	for (unsigned int i = 0; i < wire->nr_ports; i++)
		print_port(out, "mage_memnode_sent_bytes_total", &wire->ports[i],
			   wire->ports[i].sent);
}

void metrics_print(FILE *out, const struct server *server, const struct counters *wire)
{
	print_node(out, server);
	print_clients(out, server);
	print_keys(out, server);
	print_wire(out, wire);
}
