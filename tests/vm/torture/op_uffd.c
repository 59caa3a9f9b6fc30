// SPDX-License-Identifier: GPL-2.0-only
/* userfaultfd write protection: it must outlast eviction, so every first write must be caught. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ops.h"
#include "report.h"

#define SLICE_PAGES 32u

struct writer {
	struct slice slice;
	int done[2];
};

static void *writer_main(void *arg)
{
	struct writer *w = arg;

	for (uint32_t i = w->slice.first; i < w->slice.first + w->slice.count; i++)
		page_bump(i);
	if (write(w->done[1], "", 1) != 1)
		die_errno("write");
	return NULL;
}

static void protect(int uffd, uint32_t first, uint32_t count, bool on)
{
	struct uffdio_writeprotect wp = {
		.range = { (uintptr_t)region_page(first), (uint64_t)count * PAGE_BYTES },
		.mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	while (ioctl(uffd, UFFDIO_WRITEPROTECT, &wp)) {
		if (errno != EAGAIN)
			die_errno("UFFDIO_WRITEPROTECT");
	}
}

/* Serves the writer's faults; a page may only be let go while it still holds the old bytes. */
static void serve(struct actor *a, int uffd, struct writer *w)
{
	struct pollfd fds[] = { { uffd, POLLIN, 0 }, { w->done[0], POLLIN, 0 } };
	bool caught[SLICE_PAGES] = { false };
	struct uffd_msg msg;
	long index;

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			die_errno("poll");
		if (read(uffd, &msg, sizeof(msg)) == sizeof(msg)) {
			index = region_index((void *)(uintptr_t)msg.arg.pagefault.address);
			if (index < w->slice.first || index >= w->slice.first + w->slice.count)
				die("uffd-wp: a fault at %#llx outside of the slice",
				    (unsigned long long)msg.arg.pagefault.address);
			caught[index - w->slice.first] = true;
			page_verify(a, (uint32_t)index, true);
			protect(uffd, (uint32_t)index, 1, false);
		} else if (fds[1].revents) {
			break;
		}
	}
	for (uint32_t i = 0; i < w->slice.count; i++) {
		if (!caught[i])
			die("uffd-wp: page %u at %p was written without a fault",
			    w->slice.first + i, (void *)region_page(w->slice.first + i));
	}
}

static int uffd_open(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int watch(struct actor *a, int uffd, struct writer *w)
{
	struct slice *s = &w->slice;
	struct uffdio_register reg = {
		.range = { (uintptr_t)region_page(s->first), slice_bytes(s) },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	pthread_t thread;

	slice_rewrite(a, s);
	if (ioctl(uffd, UFFDIO_REGISTER, &reg))
		return errno == EINVAL ? EINVAL : refused("UFFDIO_REGISTER");
	if (rng_next(&a->rng) & 1)
		madvise(region_page(s->first), slice_bytes(s), MADV_PAGEOUT);
	protect(uffd, s->first, s->count, true);
	if (rng_next(&a->rng) & 1)
		madvise(region_page(s->first), slice_bytes(s), MADV_PAGEOUT);
	slice_verify(a, s);
	errno = pthread_create(&thread, NULL, writer_main, w);
	if (errno)
		return refused("pthread_create");
	serve(a, uffd, w);
	pthread_join(thread, NULL);
	slice_verify(a, s);
	return 0;
}

int op_uffd_wp(struct actor *a)
{
	struct writer w = { .slice = slice_pick(a, SLICE_PAGES) };
	int uffd = uffd_open(), error;

	if (uffd < 0)
		return errno;
	if (pipe2(w.done, O_CLOEXEC)) {
		close(uffd);
		return refused("pipe");
	}
	slice_lock(&w.slice, true);
	error = watch(a, uffd, &w);
	/* Closing it takes the registration and the protection away. */
	close(uffd);
	slice_unlock(&w.slice);
	close(w.done[0]);
	close(w.done[1]);
	return error;
}
