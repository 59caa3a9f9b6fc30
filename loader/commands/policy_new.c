// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy new" */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/mage.h>

#include "base/error.h"
#include "base/install.h"
#include "base/options.h"
#include "commands/policy_new.h"
#include "policies/find.h"
#include "policies/template.h"

#define WHAT "policy new"

/* It becomes the name of functions in C. */
static bool is_identifier(const char *name)
{
	if (!isalpha((unsigned char)*name) && *name != '_')
		return false;
	for (; *name; name++) {
		if (!isalnum((unsigned char)*name) && *name != '_')
			return false;
	}
	return true;
}

static enum rc check_name(const char *name)
{
	if (!is_identifier(name))
		return report(RC_USAGE, WHAT, name, "use letters, digits and _",
			      "is no name for a policy");
	if (strlen(name) > MAGE_NAME_LEN - 16)
		return report(RC_USAGE, WHAT, name, NULL, "is longer than %d characters",
			      MAGE_NAME_LEN - 16);
	if (!strcmp(name, BUILTIN_POLICY))
		return report(RC_EXISTS, WHAT, name, "choose another name",
			      "is what the kernel's own policy is called");
	return RC_OK;
}

static enum rc write_file(const char *path, const char *name)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), err;
	bool failed;
	FILE *out;

	if (fd < 0)
		return report(rc_of_errno(errno), WHAT, path,
			      errno == EEXIST ? "choose another name" : NULL, "%s",
			      strerror(errno));
	out = fdopen(fd, "w");
	if (!out) {
		err = errno;
		close(fd);
		unlink(path);
		return report(RC_FAILED, WHAT, path, NULL, "%s", strerror(err));
	}
	policy_template_write(out, name);
	failed = ferror(out);
	if (!fclose(out) && !failed)
		return RC_OK;
	err = errno;
	unlink(path);
	return report(RC_FAILED, WHAT, path, NULL, "cannot write it: %s", strerror(err));
}

/* The folder @relative of the tree that this program was built in, if @file is there. */
static bool built_folder(const char *relative, const char *file, char folder[PATH_MAX])
{
	char path[PATH_MAX];

	if (!beside_program(relative, folder))
		return false;
	snprintf(path, sizeof(path), "%.*s/%s", PATH_MAX - 64, folder, file);
	return !access(path, R_OK);
}

static void say_how(const char *name)
{
	char types[PATH_MAX], headers[PATH_MAX], libbpf[PATH_MAX];

	printf("%s.bpf.c: a policy to begin with; to build it:\n\n", name);
	if (built_folder("../bpf", "vmlinux.h", types) &&
	    built_folder("../../bpf", "mage.bpf.h", headers) &&
	    built_folder("../libbpf/include", "bpf/bpf_helpers.h", libbpf)) {
		printf("  clang-19 -O2 -g -target bpf -mcpu=v3 -I%s -I%s -isystem %s \\\n", types,
		       headers, libbpf);
	} else if (built_folder("../include/mage", "vmlinux.h", types)) {
		printf("  clang-19 -O2 -g -target bpf -mcpu=v3 -I%s \\\n", types);
	} else {
		puts("  bpftool btf dump file /sys/kernel/btf/vmlinux format c >vmlinux.h");
		puts("  clang-19 -O2 -g -target bpf -mcpu=v3 -I. -I/usr/include/mage \\");
	}
	printf("    -c %s.bpf.c -o %s.bpf.o\n\n", name, name);
	printf("(in the folder policies/ of Mage's sources 'make policies' does), and to use it:\n\n");
	printf("  mage policy load ./%s.bpf.o --cgroup PATH\n", name);
}

enum rc cmd_policy_new(int argc, char **argv)
{
	const struct option_spec specs[] = { { 0 } };
	struct operands operands;
	char path[NAME_MAX + 1];
	const char *name;
	enum rc rc;

	if ((rc = options_parse(WHAT, argc, argv, specs, &operands)) ||
	    (rc = operands_check(WHAT, &operands, 1, 1, "the policy's name")) ||
	    (rc = check_name(operands.arg[0])))
		return rc;
	name = operands.arg[0];
	snprintf(path, sizeof(path), "%s.bpf.c", name);
	rc = write_file(path, name);
	if (!rc)
		say_how(name);
	return rc;
}
