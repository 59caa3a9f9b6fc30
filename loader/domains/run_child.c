// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/sysfile.h"
#include "domains/run_child.h"

static const int passed_on[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };

static void fill(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
		sigaddset(set, passed_on[i]);
}

void run_child_hold_signals(struct run_child *child)
{
	sigset_t set;

	fill(&set);
	sigaddset(&set, SIGCHLD);
	/* Ignored, as some parents leave it, there would be no status to wait for. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, &child->before);
}

int run_child_pending(void)
{
	const struct timespec now = { 0 };
	sigset_t set;
	int number;

	fill(&set);
	number = sigtimedwait(&set, NULL, &now);
	return number > 0 ? number : 0;
}

static int enter(const char *cgroup)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	return sysfile_write(path, "0");
}

int run_child_start(struct run_child *child, const char *cgroup, char **command)
{
	int ends[2], err = 0;

	if (pipe2(ends, O_CLOEXEC))
		return errno;
	child->pid = fork();
	if (child->pid < 0) {
		err = errno;
		close(ends[0]);
		close(ends[1]);
		return err;
	}
	if (!child->pid) {
		err = enter(cgroup);
		sigprocmask(SIG_SETMASK, &child->before, NULL);
		if (!err) {
			execvp(command[0], command);
			err = errno;
		}
		/* Nothing can be done about a failure here; the parent then sees status 126. */
		_exit(write(ends[1], &err, sizeof(err)) == sizeof(err) ? 0 : 126);
	}
	close(ends[1]);
	/* Nothing to read: the exec closed it. */
	while (read(ends[0], &err, sizeof(err)) < 0 && errno == EINTR)
		;
	close(ends[0]);
	if (err) {
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return err;
}

/*
 * The terminal sends its signals to the whole foreground, so the command has those
 * already; they come from the kernel.  What somebody sent to mage is for the command.
 */
static void pass_on(const struct run_child *child, const siginfo_t *info)
{
	if (info->si_code != SI_KERNEL)
		kill(child->pid, info->si_signo);
}

int run_child_wait(const struct run_child *child)
{
	siginfo_t info;
	sigset_t set;
	int status;

	fill(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		if (waitpid(child->pid, &status, WNOHANG) == child->pid)
			break;
		if (sigwaitinfo(&set, &info) > 0 && info.si_signo != SIGCHLD)
			pass_on(child, &info);
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
