// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/mage_wire.h>

#include "admission.h"
#include "size.h"

const char options_help[] =
	"Usage: mage-memnoded --size SIZE\n"
	"                     (--clients DIRECTORY | --secret-file FILE | --insecure-no-secret)\n"
	"                     [OPTION]...\n"
	"Lends memory of this machine to Mage far devices of other machines, over RDMA.\n"
	"\n"
	"  -s, --size=SIZE            memory to lend in all; 4096 bytes or a multiple\n"
	"  -m, --max-client=SIZE      most that one client gets (default: all of it)\n"
	"  -n, --max-clients=N        most clients at a time, 1 to 65536 (default: 64)\n"
	"  -l, --listen=ADDRESS       numeric IPv4 or IPv6 address (default: all)\n"
	"  -p, --port=PORT            port to listen on (default: 7471)\n"
	"  -c, --clients=DIRECTORY    keys of clients, a file for each, with its quota;\n"
	"                             read again on SIGHUP\n"
	"  -k, --secret-file=FILE     secret that all clients share: 16 to 64 bytes, one\n"
	"                             newline at the end not counted; the file must not be\n"
	"                             accessible to others\n"
	"      --insecure-no-secret   let everybody in who reaches the port\n"
	"  -H, --hugepages            take the memory as huge pages\n"
	"  -t, --handshake-timeout=S  seconds that a client has to introduce itself\n"
	"                             (default: 10)\n"
	"  -u, --max-unproven=N       clients of one address that may be introducing\n"
	"                             themselves at a time, 1 to 64 (default: 8)\n"
	"  -r, --connect-rate=N       connections that one address may begin a second,\n"
	"                             1 to 10000, four times as many at once (default: 16)\n"
	"  -g, --grace=S              seconds that the memory of a client whose connection\n"
	"                             was lost is kept for it to come back, 0 to 86400\n"
	"                             (default: 300)\n"
	"  -K, --keep                 hand the memory of clients to the service manager, so\n"
	"                             that it outlives the daemon; see systemd.service(5),\n"
	"                             FileDescriptorStoreMax=\n"
	"  -o, --stats=FILE           write statistics as JSON to FILE on SIGUSR1 and at exit\n"
	"  -M, --metrics=FILE         the same as text for Prometheus, for instance in the\n"
	"                             directory of node_exporter's textfile collector\n"
	"  -i, --stats-interval=S     also every S seconds\n"
	"  -j, --json                 print statistics as JSON on SIGUSR1 and at exit\n"
	"  -V, --version              print the version and exit\n"
	"  -h, --help                 print this help and exit\n"
	"\n"
	"SIZE is a number of bytes, or one with a suffix K, M, G or T (powers of 1024).\n"
	"Exit status: 0 stopped by SIGTERM or SIGINT, or drained (SIGUSR2), 1 failed while\n"
	"running, 2 wrong command line, 3 keys not usable, 4 cannot listen, 5 cannot take over\n"
	"the clients of the daemon before.\n";

enum {
	OPTION_INSECURE = 256,
};

static const struct option long_options[] = {
	{ "size", required_argument, NULL, 's' },
	{ "max-client", required_argument, NULL, 'm' },
	{ "max-clients", required_argument, NULL, 'n' },
	{ "listen", required_argument, NULL, 'l' },
	{ "port", required_argument, NULL, 'p' },
	{ "clients", required_argument, NULL, 'c' },
	{ "secret-file", required_argument, NULL, 'k' },
	{ "insecure-no-secret", no_argument, NULL, OPTION_INSECURE },
	{ "hugepages", no_argument, NULL, 'H' },
	{ "handshake-timeout", required_argument, NULL, 't' },
	{ "max-unproven", required_argument, NULL, 'u' },
	{ "connect-rate", required_argument, NULL, 'r' },
	{ "grace", required_argument, NULL, 'g' },
	{ "keep", no_argument, NULL, 'K' },
	{ "stats", required_argument, NULL, 'o' },
	{ "metrics", required_argument, NULL, 'M' },
	{ "stats-interval", required_argument, NULL, 'i' },
	{ "json", no_argument, NULL, 'j' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct parser {
	struct options *options;
	char *error;
	size_t error_len;
};

static int fail(struct parser *parser, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct parser *parser, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(parser->error, parser->error_len, fmt, args);
	va_end(args);
	return -1;
}

static int parse_size(struct parser *parser, const char *name, const char *text, uint64_t *bytes)
{
	if (size_parse(text, bytes))
		return fail(parser,
			    "--%s: \"%s\" is not a size: give bytes, or a suffix K, M, G, T", name,
			    text);
	if (!*bytes)
		return fail(parser, "--%s: the size must not be zero", name);
	if (*bytes % MAGE_WIRE_SIZE_UNIT)
		return fail(parser, "--%s: %s is no multiple of %d bytes", name, text,
			    MAGE_WIRE_SIZE_UNIT);
	return 0;
}

static int parse_number(struct parser *parser, const char *name, const char *text, unsigned int min,
			unsigned int max, unsigned int *number)
{
	unsigned long value;
	size_t len = strlen(text);
	char *end;

	/* More digits than UINT_MAX has cannot be in range. */
	if (!len || len > 10 || strspn(text, "0123456789") != len)
		return fail(parser, "--%s: \"%s\" is not a number from %u to %u", name, text, min,
			    max);
	value = strtoul(text, &end, 10);
	if (value < min || value > max)
		return fail(parser, "--%s: %s is not from %u to %u", name, text, min, max);
	*number = (unsigned int)value;
	return 0;
}

static int parse_option(struct parser *parser, int option, const char *arg)
{
	struct options *options = parser->options;
	unsigned int number;

	switch (option) {
	case 's':
		return parse_size(parser, "size", arg, &options->size);
	case 'm':
		return parse_size(parser, "max-client", arg, &options->max_client);
	case 'n':
		return parse_number(parser, "max-clients", arg, 1, 65536, &options->max_clients);
	case 'l':
		options->listen = arg;
		return 0;
	case 'p':
		if (parse_number(parser, "port", arg, 1, 65535, &number))
			return -1;
		options->port = (uint16_t)number;
		return 0;
	case 'c':
		options->clients = arg;
		return 0;
	case 'k':
		options->secret_file = arg;
		return 0;
	case OPTION_INSECURE:
		options->insecure_no_secret = true;
		return 0;
	case 'H':
		options->hugepages = true;
		return 0;
	case 't':
		return parse_number(parser, "handshake-timeout", arg, 1, 3600,
				    &options->handshake_timeout);
	case 'u':
		return parse_number(parser, "max-unproven", arg, 1, ADMISSION_UNPROVEN_MAX,
				    &options->max_unproven);
	case 'r':
		return parse_number(parser, "connect-rate", arg, 1, 10000, &options->connect_rate);
	case 'g':
		return parse_number(parser, "grace", arg, 0, 86400, &options->grace);
	case 'K':
		options->keep = true;
		return 0;
	case 'o':
		options->stats_file = arg;
		return 0;
	case 'M':
		options->metrics_file = arg;
		return 0;
	case 'i':
		return parse_number(parser, "stats-interval", arg, 1, 86400,
				    &options->stats_interval);
	case 'j':
		options->json = true;
		return 0;
	case 'V':
		options->action = OPTIONS_VERSION;
		return 0;
	case 'h':
		options->action = OPTIONS_HELP;
		return 0;
	default:
		return -1;
	}
}

static int check(struct parser *parser)
{
	struct options *options = parser->options;

	if (!options->size)
		return fail(parser, "--size is missing: say how much memory to lend");
	if (!options->clients && !options->secret_file && !options->insecure_no_secret)
		return fail(parser, "--clients or --secret-file is missing (or let everybody in: "
				    "--insecure-no-secret)");
	if (options->insecure_no_secret && (options->secret_file || options->clients))
		return fail(parser, "%s and --insecure-no-secret exclude each other",
			    options->clients ? "--clients" : "--secret-file");
	if (options->stats_interval && !options->stats_file && !options->metrics_file)
		return fail(parser, "--stats-interval needs --stats FILE or --metrics FILE");
	if (options->keep && options->max_clients > OPTIONS_KEEP_MAX)
		return fail(parser, "--keep is for --max-clients of %d at most", OPTIONS_KEEP_MAX);
	if (!options->max_client)
		options->max_client = options->size;
	if (options->max_client > options->size)
		return fail(parser, "--max-client is larger than --size");
	return 0;
}

int options_parse(struct options *options, int argc, char **argv, char *error, size_t error_len)
{
	struct parser parser = {
		.options = options,
		.error = error,
		.error_len = error_len,
	};
	int option;

	*options = (struct options){
		.port = MAGE_WIRE_PORT,
		.max_clients = 64,
		.handshake_timeout = 10,
		.max_unproven = 8,
		.connect_rate = 16,
		.grace = 300,
	};

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":s:m:n:l:p:c:k:Ht:u:r:g:Ko:M:i:jVh", long_options,
				     NULL)) != -1) {
		if (option == ':')
			return fail(&parser, "%s needs a value", argv[optind - 1]);
		if (option == '?')
			return fail(&parser, "unknown option %s", argv[optind - 1]);
		if (parse_option(&parser, option, optarg))
			return -1;
		if (options->action != OPTIONS_RUN)
			return 0;
	}
	if (optind < argc)
		return fail(&parser, "unexpected argument \"%s\"", argv[optind]);

	return check(&parser);
}
