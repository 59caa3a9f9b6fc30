/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of one client.
 */
#ifndef MEMNODE_REGION_H
#define MEMNODE_REGION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <infiniband/verbs.h>

#define REGION_HUGEPAGE_SIZE (UINT64_C(2) << 20)

struct region {
	void *base; /* NULL when there is none */
	size_t length; /* bytes mapped, locked, and zero at first */
	int fd; /* of the file that the memory is in, if that is to outlive the daemon */
	bool is_file; /* fd is one */
	struct ibv_mr *mr; /* NULL while no RDMA device knows it */
};

/*
 * Maps, locks and registers memory that reads as zeroes.  Takes as long as the
 * kernel needs to clear it; gives up early once *cancel is set.  Returns 0, or
 * -1 with a sentence in error and nothing left behind.
 */
int region_create(struct region *region, struct ibv_pd *pd, uint64_t size, uint64_t charge,
		  bool hugepages, bool file, const atomic_bool *cancel, char *error,
		  size_t error_len);

/*
 * Maps and locks the memory of a region that another daemon made, which fd is
 * of.  Returns 0 and owns fd, or -1 with a sentence in error.
 */
int region_open(struct region *region, int fd, uint64_t charge, char *error, size_t error_len);
/* Registers its first size bytes; as region_create() does. */
int region_register(struct region *region, struct ibv_pd *pd, uint64_t size, char *error,
		    size_t error_len);

/* Zeroes the memory and gives it back.  Takes as long as that needs. */
void region_destroy(struct region *region);
/* Leaves the memory to whoever has its file. */
void region_let_go(struct region *region);

#endif
