// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "devices/swap.h"

extern char **environ;

/* Starts mkswap with what it prints going to @output; 0 or an errno value. */
static int start_mkswap(const char *device, int output, pid_t *pid)
{
	/* As root over sudo or from a service, PATH often lacks /usr/sbin. */
	static const char *const places[] = { "mkswap", "/usr/sbin/mkswap", "/sbin/mkswap" };
	const char *const argv[] = { "mkswap", device, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int err = ENOENT;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	for (size_t i = 0; err == ENOENT && i < sizeof(places) / sizeof(places[0]); i++)
		err = posix_spawnp(pid, places[i], &actions, &attributes, (char *const *)argv,
				   environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return err;
}

/* The last line of what comes through the pipe: where a tool says why it failed. */
static void last_line(int fd, char *line, size_t size)
{
	FILE *stream = fdopen(fd, "r");
	char buffer[256];

	line[0] = '\0';
	if (!stream) {
		close(fd);
		return;
	}
	while (fgets(buffer, sizeof(buffer), stream)) {
		buffer[strcspn(buffer, "\n")] = '\0';
		if (buffer[0])
			snprintf(line, size, "%s", buffer);
	}
	fclose(stream);
}

enum rc swap_format(const char *what, const char *device)
{
	int ends[2], err, status;
	char said[256];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return report(RC_FAILED, what, device, NULL, "pipe: %s", strerror(errno));
	err = start_mkswap(device, ends[1], &pid);
	close(ends[1]);
	if (err) {
		close(ends[0]);
		return report(RC_FAILED, what, "mkswap",
			      err == ENOENT ? "install util-linux" : NULL, "%s", strerror(err));
	}
	last_line(ends[0], said, sizeof(said));
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return report(RC_FAILED, what, "mkswap", NULL, "%s", strerror(errno));
	}
	if (WIFSIGNALED(status))
		return report(RC_FAILED, what, device, NULL, "mkswap was killed by signal %d",
			      WTERMSIG(status));
	if (WEXITSTATUS(status))
		return report(RC_FAILED, what, device, NULL, "cannot write a swap header: %s",
			      said[0] ? said : "mkswap failed");
	return RC_OK;
}

enum rc swap_activate(const char *what, const char *device, int priority)
{
	int flags = 0;

	if (priority >= 0)
		flags = SWAP_FLAG_PREFER | (priority & SWAP_FLAG_PRIO_MASK);
	if (swapon(device, flags))
		return report(rc_of_errno(errno), what, device, NULL, "swapon: %s",
			      strerror(errno));
	return RC_OK;
}
