// SPDX-License-Identifier: GPL-2.0-only
/* Access through the kernel: process_vm_readv and writev, /proc/self/mem, vmsplice. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "child.h"
#include "ops.h"
#include "report.h"

#define PIPE_PAGES 16u

static void bounce_verify(struct actor *a, const struct slice *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		page_verify_at(a, s->first + i, &a->bounce[i], false);
}

static int read_and_verify(struct actor *a, const struct slice *s, pid_t pid)
{
	struct iovec local = { a->bounce, slice_bytes(s) };
	struct iovec remote = { region_page(s->first), slice_bytes(s) };
	ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

	if (n < 0)
		return refused("process_vm_readv");
	if ((size_t)n != slice_bytes(s))
		die("process_vm_readv from page %u: %zd bytes instead of %zu", s->first, n,
		    slice_bytes(s));
	bounce_verify(a, s);
	return 0;
}

int op_vm_readv(struct actor *a)
{
	struct slice s = slice_pick(a, BOUNCE_PAGES);
	int error;

	slice_lock(&s, false);
	error = read_and_verify(a, &s, getpid());
	slice_unlock(&s);
	return error;
}

int op_vm_readv_child(struct actor *a)
{
	struct slice s = slice_pick(a, BOUNCE_PAGES);
	pid_t parent = getpid(), pid;
	int error = 0;

	/* Where only ancestors may look, a child needs to be let in. */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	slice_lock(&s, false);
	pid = fork();
	if (!pid) {
		child_begin(a, "vm-readv-child");
		slice_verify(a, &s);
		_exit(read_and_verify(a, &s, parent) ? EXIT_NEVER : EXIT_RIGHT);
	}
	if (pid < 0)
		error = refused("fork");
	else
		error = reap(pid, "vm-readv-child");
	slice_unlock(&s);
	return error;
}

static void bounce_prepare(struct actor *a, const struct slice *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		page_next(a, s->first + i, &a->bounce[i]);
}

static void bounce_written(struct actor *a, const struct slice *s)
{
	for (uint32_t i = s->first; i < s->first + s->count; i++)
		page_written(a, i);
	slice_verify(a, s);
}

int op_vm_writev(struct actor *a)
{
	struct slice s = slice_pick(a, BOUNCE_PAGES);
	struct iovec local = { a->bounce, slice_bytes(&s) };
	struct iovec remote = { region_page(s.first), slice_bytes(&s) };
	int error = 0;
	ssize_t n;

	slice_lock(&s, true);
	bounce_prepare(a, &s);
	n = process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
	if (n < 0)
		error = refused("process_vm_writev");
	else if ((size_t)n != slice_bytes(&s))
		die("process_vm_writev to page %u: %zd bytes instead of %zu", s.first, n,
		    slice_bytes(&s));
	else
		bounce_written(a, &s);
	slice_unlock(&s);
	return error;
}

/* Writes as a debugger does; half of the time to pages that the program itself may not write. */
int op_proc_mem(struct actor *a)
{
	struct slice s = slice_pick(a, BOUNCE_PAGES);
	size_t bytes = slice_bytes(&s);
	union page *home = region_page(s.first);
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	bool force = rng_next(&a->rng) & 1;
	int error = 0;
	ssize_t n;

	if (fd < 0)
		return refused("/proc/self/mem");
	slice_lock(&s, true);
	bounce_prepare(a, &s);
	if (force && mprotect(home, bytes, PROT_READ)) {
		error = refused("mprotect");
		goto out;
	}
	n = pwrite(fd, a->bounce, bytes, (off_t)(uintptr_t)home);
	if (force && mprotect(home, bytes, PROT_READ | PROT_WRITE))
		die_errno("mprotect back");
	if (n < 0) {
		/* Kernels may forbid to force a write. */
		error = force && errno == EIO ? EIO : refused("write to /proc/self/mem");
		goto out;
	}
	if ((size_t)n != bytes)
		die("/proc/self/mem: page %u: %zd bytes instead of %zu", s.first, n, bytes);
	bounce_written(a, &s);
	if (pread(fd, a->bounce, bytes, (off_t)(uintptr_t)home) != (ssize_t)bytes)
		die_errno("read of /proc/self/mem");
	bounce_verify(a, &s);
out:
	slice_unlock(&s);
	close(fd);
	return error;
}

/* The pipe holds references to the pages themselves while eviction is asked for. */
int op_vmsplice(struct actor *a)
{
	struct slice s = slice_pick(a, PIPE_PAGES);
	struct iovec from = { region_page(s.first), slice_bytes(&s) };
	size_t have = 0;
	int ends[2], error = 0;
	ssize_t n;

	if (pipe2(ends, O_CLOEXEC))
		return refused("pipe");
	slice_lock(&s, false);
	n = vmsplice(ends[1], &from, 1, SPLICE_F_NONBLOCK);
	if (n <= 0) {
		error = refused("vmsplice");
		goto out;
	}
	/* A pipe with fewer buffers takes fewer pages. */
	s.count = (uint32_t)(n / PAGE_BYTES);
	madvise(from.iov_base, from.iov_len, MADV_PAGEOUT);
	while (have < slice_bytes(&s)) {
		n = read(ends[0], (char *)a->bounce + have, slice_bytes(&s) - have);
		if (n <= 0)
			die_errno("read from a pipe of pages");
		have += (size_t)n;
	}
	bounce_verify(a, &s);
	s.count = (uint32_t)(from.iov_len / PAGE_BYTES);
	slice_verify(a, &s);
out:
	s.count = (uint32_t)(from.iov_len / PAGE_BYTES);
	slice_unlock(&s);
	close(ends[0]);
	close(ends[1]);
	return error;
}
