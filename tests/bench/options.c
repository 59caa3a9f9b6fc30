// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long number(const struct bench_option *option, const char *text)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || end == text || !value || value > option->most) {
		fprintf(stderr, "--%s is %s; it must be 1 to %lu\n", option->name, text,
			option->most);
		exit(EXIT_FAILURE);
	}
	return value;
}

void options_read(int argc, char **argv, const struct bench_option *options, unsigned int nr)
{
	struct option getopts[OPTIONS_MAX + 1] = { 0 };
	int at;

	for (unsigned int i = 0; i < nr; i++) {
		getopts[i].name = options[i].name;
		getopts[i].has_arg = required_argument;
		getopts[i].val = (int)i;
	}
	while ((at = getopt_long(argc, argv, "", getopts, NULL)) != -1) {
		if (at == '?')
			exit(EXIT_FAILURE);
		if (options[at].number)
			*options[at].number = number(&options[at], optarg);
		else
			*options[at].text = optarg;
	}
}
