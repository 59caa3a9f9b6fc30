// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches a program to a callback of a policy that is loaded.
 *
 *	extend OBJECT PROGRAM NAME FUNCTION
 *
 * PROGRAM of OBJECT is either an extension, to be called in the place of FUNCTION of the
 * program NAME (as the kernel has it, which is cut after 15 characters), or traces that.
 *
 * Exit status: 0 it was attached, and detached again; 1 the kernel refused to attach it, and
 * standard output has the reason; 2 it could not be tried.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

_Noreturn static void fail(const char *what, const char *on)
{
	fprintf(stderr, "extend: cannot %s %s: %s\n", what, on, strerror(errno));
	exit(2);
}

static int program_of(const char *name)
{
	uint32_t id = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		int fd = bpf_prog_get_fd_by_id(id);
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);

		if (fd < 0)
			continue;
		if (!bpf_prog_get_info_by_fd(fd, &info, &size) && !strcmp(info.name, name))
			return fd;
		close(fd);
	}
	errno = ENOENT;
	fail("find program", name);
}

int main(int argc, char **argv)
{
	struct bpf_program *other, *program;
	struct bpf_object *object;
	struct bpf_link *link;
	int fd;

	if (argc != 5) {
		fprintf(stderr, "usage: extend OBJECT PROGRAM NAME FUNCTION\n");
		return 2;
	}
	fd = program_of(argv[3]);
	object = bpf_object__open_file(argv[1], NULL);
	if (!object)
		fail("open", argv[1]);
	bpf_object__for_each_program (other, object)
		bpf_program__set_autoload(other, !strcmp(bpf_program__name(other), argv[2]));
	program = bpf_object__find_program_by_name(object, argv[2]);
	if (!program || bpf_program__set_attach_target(program, fd, argv[4]) ||
	    bpf_object__load(object))
		fail("load", argv[2]);
	link = bpf_program__attach(program);
	if (!link)
		printf("%s\n", strerror(errno));
	bpf_link__destroy(link);
	bpf_object__close(object);
	return !link;
}
