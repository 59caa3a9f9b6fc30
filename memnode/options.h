/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line.
 */
#ifndef MEMNODE_OPTIONS_H
#define MEMNODE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses; the man page explains them. */
enum exit_status {
	EXIT_STATUS_OK = 0,
	EXIT_STATUS_FAILED = 1,
	EXIT_STATUS_USAGE = 2,
	EXIT_STATUS_SECRET = 3,
	EXIT_STATUS_LISTEN = 4,
	EXIT_STATUS_KEPT = 5,
};

/*
 * Most sessions that are kept: their files' names have to fit into one string of the
 * environment, of 128 KiB (MAX_ARG_STRLEN of Linux), and into FileDescriptorStoreMax= of the unit.
 */
#define OPTIONS_KEEP_MAX 2048

enum options_action {
	OPTIONS_RUN,
	OPTIONS_HELP,
	OPTIONS_VERSION,
};

struct options {
	enum options_action action;
	const char *listen; /* numeric address; NULL for all addresses */
	uint16_t port;
	uint64_t size;  /* bytes to lend, a multiple of 4096 */
	uint64_t max_client; /* bytes, at most size */
	unsigned int max_clients;
	unsigned int handshake_timeout; /* seconds */
	unsigned int max_unproven; /* connections of one source that have proved no key */
	unsigned int connect_rate; /* connections a second and source */
	const char *secret_file; /* NULL for no secret that all share */
	const char *clients; /* directory of keys; NULL for none */
	unsigned int grace; /* seconds that a client's memory is kept without a connection */
	bool insecure_no_secret;
	bool hugepages;
	bool keep; /* sessions outlive the daemon */
	const char *stats_file; /* NULL for none */
	const char *metrics_file; /* NULL for none */
	unsigned int stats_interval; /* seconds, 0 for on demand */
	bool json;
};

/*
 * Fills in *options, which points into argv.  Returns 0, or -1 with a sentence
 * in error.
 */
int options_parse(struct options *options, int argc, char **argv, char *error, size_t error_len);

extern const char options_help[];

#endif
