/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command lines of the benchmark's programs: options with a number or a text.
 */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

/* --@name: a number from 1 to @most for @number, else a text for @text. */
struct bench_option {
	const char *name;
	unsigned long *number;
	unsigned long most;
	const char **text;
};

enum {
	OPTIONS_MAX = 8,
};

/* What is not on the command line stays as it is; ends the program if something is wrong there. */
void options_read(int argc, char **argv, const struct bench_option *options, unsigned int nr);

#endif
