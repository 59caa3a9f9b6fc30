// SPDX-License-Identifier: GPL-2.0-only
#include "region.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"

/* Locked at once between two looks at cancel. */
#define LOCK_CHUNK ((size_t)64 << 20)

static int lock_all(const struct region *region, const atomic_bool *cancel)
{
	size_t offset, chunk;

	for (offset = 0; offset < region->length; offset += chunk) {
		if (atomic_load(cancel)) {
			errno = ECANCELED;
			return -1;
		}
		chunk = region->length - offset;
		if (chunk > LOCK_CHUNK)
			chunk = LOCK_CHUNK;
		if (mlock((char *)region->base + offset, chunk))
			return -1;
	}
	return 0;
}

/* In memory only; what a memfd has when it is made reads as zeroes, as fresh anonymous memory. */
static int create_file(uint64_t length, bool hugepages)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int error, fd;

	if (hugepages)
		flags |= MFD_HUGETLB | (21U << MAP_HUGE_SHIFT);
	fd = memfd_create("mage-memory", flags);
	if (fd < 0)
		return -1;
	/* Whoever else has it cannot take away what is mapped here. */
	if (!ftruncate(fd, (off_t)length) &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int map(struct region *region, bool hugepages)
{
	int flags = region->is_file ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

	if (hugepages && !region->is_file)
		flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (21 << MAP_HUGE_SHIFT);
	region->base = mmap(NULL, region->length, PROT_READ | PROT_WRITE, flags, region->fd, 0);
	if (region->base == MAP_FAILED) {
		region->base = NULL;
		return -1;
	}
	/* The bytes of clients have no place in a core file or in a child. */
	madvise(region->base, region->length, MADV_DONTDUMP);
	madvise(region->base, region->length, MADV_DONTFORK);
	return 0;
}

static int no_memory(bool hugepages, char *error, size_t error_len)
{
	snprintf(error, error_len, "no %s on the node (%s)", hugepages ? "huge pages" : "memory",
		 strerror(errno));
	return -1;
}

static int cannot_lock(char *error, size_t error_len)
{
	snprintf(error, error_len, "the node cannot lock the memory (%s)", strerror(errno));
	return -1;
}

int region_create(struct region *region, struct ibv_pd *pd, uint64_t size, uint64_t charge,
		  bool hugepages, bool file, const atomic_bool *cancel, char *error,
		  size_t error_len)
{
	*region = (struct region){
		.length = charge,
		.is_file = file,
		.fd = file ? create_file(charge, hugepages) : -1,
	};
	if (file && region->fd < 0)
		return no_memory(hugepages, error, error_len);
	if (map(region, hugepages)) {
		no_memory(hugepages, error, error_len);
		goto err;
	}
	/* The kernel clears it as it is locked. */
	if (lock_all(region, cancel)) {
		cannot_lock(error, error_len);
		goto err;
	}
	if (region_register(region, pd, size, error, error_len))
		goto err;
	return 0;

err:
	region_let_go(region);
	return -1;
}

int region_open(struct region *region, int fd, uint64_t charge, char *error, size_t error_len)
{
	const atomic_bool never = false;
	struct region opened = {
		.length = charge,
		.fd = fd,
		.is_file = true,
	};

	if (map(&opened, false))
		return no_memory(false, error, error_len);
	if (lock_all(&opened, &never)) {
		cannot_lock(error, error_len);
		munmap(opened.base, opened.length);
		return -1;
	}
	*region = opened;
	return 0;
}

int region_register(struct region *region, struct ibv_pd *pd, uint64_t size, char *error,
		    size_t error_len)
{
	region->mr = ibv_reg_mr(pd, region->base, size,
				IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_READ |
					IBV_ACCESS_REMOTE_WRITE);
	if (region->mr)
		return 0;
	snprintf(error, error_len, "the node cannot register the memory (%s)", strerror(errno));
	return -1;
}

static void deregister(struct region *region)
{
	int ret = region->mr ? ibv_dereg_mr(region->mr) : 0;

	if (ret)
		log_line("deregistering a memory region failed: %s", strerror(ret));
	region->mr = NULL;
}

void region_destroy(struct region *region)
{
	/* Before the zeroing: whoever still has the key must not write after it. */
	deregister(region);
	explicit_bzero(region->base, region->length);
	/* Somebody else may still have the file; the memory goes all the same. */
	if (region->is_file)
		fallocate(region->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			  (off_t)region->length);
	region_let_go(region);
}

void region_let_go(struct region *region)
{
	deregister(region);
	if (region->base)
		munmap(region->base, region->length);
	region->base = NULL;
	if (region->is_file)
		close(region->fd);
	region->is_file = false;
}
