// SPDX-License-Identifier: GPL-2.0-only
/* O_DIRECT: a device writes into, and reads from, pages of the region while they are pinned. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"
#include "report.h"

#define FILE_PAGES 512u /* prefilled and only read; after them a part for each writer */

static int direct = -1;
static uint32_t file_owner;

static void file_page(uint32_t index, union page *image)
{
	struct page_key key = {
		.id = mix64(index), .index = index, .version = 1, .owner = file_owner
	};

	page_build(image, &key);
}

void direct_open(const char *path, unsigned int op_threads)
{
	static union page chunk[BOUNCE_PAGES] __attribute__((aligned(PAGE_BYTES)));
	uint32_t all = FILE_PAGES + op_threads * BOUNCE_PAGES;

	file_owner = (uint32_t)getpid();
	direct = open(path, O_RDWR | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);
	if (direct < 0)
		bad_setup("%s: %s", path, strerror(errno));
	for (uint32_t i = 0; i < all; i += BOUNCE_PAGES) {
		for (uint32_t k = 0; k < BOUNCE_PAGES; k++)
			file_page(i + k, &chunk[k]);
		if (pwrite(direct, chunk, sizeof(chunk), (off_t)i * PAGE_BYTES) != sizeof(chunk))
			bad_setup("%s: cannot write %u pages with O_DIRECT: %s", path, all,
				  strerror(errno));
	}
}

static void file_page_verify(struct actor *a, uint32_t index, uint32_t file_index)
{
	union page *at = region_page(index);

	file_page(file_index, &a->want);
	memcpy(&a->got, at, sizeof(a->got));
	a->verified++;
	if (page_same(&a->want, &a->got, true))
		return;
	die_page(&(struct page_report){
		.doing = a->doing,
		.address = at,
		.index = index,
		.owner = file_owner,
		.want = &a->want,
		.got = &a->got,
		.again = at,
	});
}

int op_direct_read(struct actor *a)
{
	struct slice s = slice_pick(a, BOUNCE_PAGES);
	uint32_t from = rng_below(&a->rng, FILE_PAGES - s.count + 1);
	int error = 0;
	ssize_t n;

	slice_lock(&s, true);
	n = pread(direct, region_page(s.first), slice_bytes(&s), (off_t)from * PAGE_BYTES);
	if (n < 0) {
		error = refused("O_DIRECT read");
		goto out;
	}
	if ((size_t)n != slice_bytes(&s))
		die("direct-read: page %u: %zd bytes instead of %zu", s.first, n, slice_bytes(&s));
	for (uint32_t i = 0; i < s.count; i++)
		file_page_verify(a, s.first + i, from + i);
	slice_rewrite(a, &s);
out:
	slice_unlock(&s);
	return error;
}

int op_direct_write(struct actor *a)
{
	struct slice s = slice_pick(a, BOUNCE_PAGES);
	off_t part = (off_t)(FILE_PAGES + a->number * BOUNCE_PAGES) * PAGE_BYTES;
	int error = 0;
	ssize_t n;

	slice_lock(&s, false);
	n = pwrite(direct, region_page(s.first), slice_bytes(&s), part);
	if (n < 0) {
		error = refused("O_DIRECT write");
		goto out;
	}
	if ((size_t)n != slice_bytes(&s))
		die("direct-write: page %u: %zd bytes instead of %zu", s.first, n, slice_bytes(&s));
	if (pread(direct, a->bounce, slice_bytes(&s), part) != n)
		die_errno("O_DIRECT read back");
	for (uint32_t i = 0; i < s.count; i++)
		page_verify_at(a, s.first + i, &a->bounce[i], false);
out:
	slice_unlock(&s);
	return error;
}
