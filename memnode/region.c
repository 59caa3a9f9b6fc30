// SPDX-License-Identifier: GPL-2.0-only
#include "region.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

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

int region_create(struct region *region, struct ibv_pd *pd, uint64_t size, uint64_t charge,
		  bool hugepages, const atomic_bool *cancel, char *error, size_t error_len)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

	if (hugepages)
		flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (21 << MAP_HUGE_SHIFT);

	/* Fresh anonymous memory is zero: the kernel clears it as it is locked. */
	region->length = charge;
	region->base = mmap(NULL, region->length, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (region->base == MAP_FAILED) {
		region->base = NULL;
		snprintf(error, error_len, "no %s on the node (%s)",
			 hugepages ? "huge pages" : "memory", strerror(errno));
		return -1;
	}

	/* The bytes of clients have no place in a core file or in a child. */
	madvise(region->base, region->length, MADV_DONTDUMP);
	madvise(region->base, region->length, MADV_DONTFORK);
	if (lock_all(region, cancel)) {
		snprintf(error, error_len, "the node cannot lock the memory (%s)", strerror(errno));
		goto err_unmap;
	}

	region->mr = ibv_reg_mr(pd, region->base, size,
				IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_READ |
					IBV_ACCESS_REMOTE_WRITE);
	if (!region->mr) {
		snprintf(error, error_len, "the node cannot register the memory (%s)",
			 strerror(errno));
		goto err_unmap;
	}
	return 0;

err_unmap:
	munmap(region->base, region->length);
	region->base = NULL;
	return -1;
}

void region_destroy(struct region *region)
{
	int ret;

	/* Before the zeroing: whoever still has the key must not write after it. */
	ret = ibv_dereg_mr(region->mr);
	if (ret)
		log_line("deregistering a memory region failed: %s", strerror(ret));
	region->mr = NULL;

	explicit_bzero(region->base, region->length);
	munmap(region->base, region->length);
	region->base = NULL;
}
