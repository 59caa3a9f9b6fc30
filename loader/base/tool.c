// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/tool.h"

extern char **environ;

/* 0 or an errno value. */
static int start(const char *const argv[], int output, pid_t *pid)
{
	/* As root over sudo or from a service, PATH often lacks /usr/sbin. */
	static const char *const places[] = { "", "/usr/sbin/", "/sbin/" };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	char path[64];
	int err = ENOENT;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	for (size_t i = 0; err == ENOENT && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", places[i], argv[0]);
		err = posix_spawnp(pid, path, &actions, &attributes, (char *const *)argv, environ);
	}
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return err;
}

/* All that comes through the pipe; what does not fit is dropped, so that the tool can end. */
static void hear(int fd, char *said, size_t size)
{
	char rest[256];
	size_t used = 0;
	ssize_t got;

	do {
		bool fits = used + 1 < size;

		got = fits ? read(fd, said + used, size - 1 - used) : read(fd, rest, sizeof(rest));
		if (fits && got > 0)
			used += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	said[used] = '\0';
}

enum rc tool_run(const char *what, const char *const argv[], const char *package, char *said,
		 size_t size, int *status)
{
	char todo[64];
	int ends[2], err, ended;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return report(RC_FAILED, what, argv[0], NULL, "pipe: %s", strerror(errno));
	err = start(argv, ends[1], &pid);
	close(ends[1]);
	if (err) {
		close(ends[0]);
		snprintf(todo, sizeof(todo), "install %s", package);
		return report(RC_FAILED, what, argv[0], err == ENOENT ? todo : NULL, "%s",
			      strerror(err));
	}
	hear(ends[0], said, size);
	close(ends[0]);
	while (waitpid(pid, &ended, 0) < 0) {
		if (errno != EINTR)
			return report(RC_FAILED, what, argv[0], NULL, "%s", strerror(errno));
	}
	if (WIFSIGNALED(ended))
		return report(RC_FAILED, what, argv[0], NULL, "was killed by signal %d",
			      WTERMSIG(ended));
	*status = WEXITSTATUS(ended);
	return RC_OK;
}
