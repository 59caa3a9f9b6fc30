/* SPDX-License-Identifier: GPL-2.0-only */
/* What a page of the region contains, and what is wrong with one that contains something else. */
#ifndef TORTURE_PAGE_H
#define TORTURE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES 4096u
#define PAGE_WORDS (PAGE_BYTES / 8)
#define HEAD_WORDS 8u
#define MAX_PATCHES 8u

struct page_head {
	uint64_t magic;
	uint64_t id;  /* derived from the page's home address and the seed of the run */
	uint32_t index;
	uint32_t version;
	uint32_t owner; /* pid of the writer */
	uint32_t patches; /* how many of the latest versions changed a few bytes only */
	uint64_t bumps; /* counted up by several threads at once; not in the checksum */
	uint64_t sum;
	uint64_t zero[2];
};

union page {
	struct page_head head;
	uint64_t word[PAGE_WORDS];
	unsigned char byte[PAGE_BYTES];
};

/* Everything that determines a page's 4096 bytes. */
struct page_key {
	uint64_t id;
	uint32_t index;
	uint32_t version;
	uint32_t owner;
	uint32_t patches;
	uint64_t bumps;
};

/* The bytes that version @version of a page changed when it was a patch. */
struct page_patch {
	uint32_t offset;
	uint32_t length;
	unsigned char byte[16];
};

enum page_fault {
	PAGE_RIGHT,
	PAGE_LOST,  /* reads as zero */
	PAGE_STALE,  /* an older version, whole */
	PAGE_TORN,  /* the checksum does not match */
	PAGE_FOREIGN,  /* written by another process */
	PAGE_MISPLACED, /* the right page of another address */
	PAGE_NEWER,  /* a version that nobody has written yet */
};

void page_build(union page *p, const struct page_key *key);
void page_build_pattern(union page *p, uint32_t version);
void page_patch(const struct page_key *key, uint32_t version, struct page_patch *patch);

bool page_is_zero(const union page *p);
bool page_same(const union page *a, const union page *b, bool bumps_too);

/* @want is NULL where the page must read as zero. */
enum page_fault page_classify(const union page *want, const union page *got, uint32_t owner);
const char *page_fault_name(enum page_fault fault);

#endif
