// SPDX-License-Identifier: GPL-2.0-only
/* Pages with wrong bytes, and pages that cannot be read for a while, as if a far store had failed. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "break.h"
#include "guard.h"
#include "region.h"
#include "report.h"

static const struct kind {
	const char *name;
	enum page_fault fault; /* what its bytes are */
	bool sigbus; /* it cannot be read for a while, and has these bytes afterwards */
	bool stays; /* and then it cannot be read for ever */
} kinds[] = {
	{ .name = "zero", .fault = PAGE_LOST },
	{ .name = "stale", .fault = PAGE_STALE },
	{ .name = "torn", .fault = PAGE_TORN },
	{ .name = "foreign", .fault = PAGE_FOREIGN },
	{ .name = "sigbus", .sigbus = true },
	{ .name = "sigbus-stale", .fault = PAGE_STALE, .sigbus = true },
	{ .name = "sigbus-stays", .sigbus = true, .stays = true },
};

static const struct kind *chosen;

/* The one page that cannot be read now, and its bytes. */
static struct slice away;
static union page bytes;

void break_choose(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kinds[i].name, name))
			chosen = &kinds[i];
	}
	if (!chosen)
		bad_setup("--break: nothing is called '%s' (see break.c)", name);
}

bool break_is_chosen(void)
{
	return chosen;
}

/* A page of a file that is too short for it raises SIGBUS. */
static void take_away(void)
{
	union page *p = region_page(away.first);
	int fd = memfd_create("torture", MFD_CLOEXEC);

	memcpy(&bytes, p, sizeof(bytes));
	if (mmap(p, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0) != p)
		die_errno("mmap of an empty file");
	close(fd);
}

static void give_back(void)
{
	union page *p = region_page(away.first);

	if (!away.count)
		return;
	slice_lock(&away, true);
	if (mmap(p, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) != p)
		die_errno("mmap");
	memcpy(p, &bytes, sizeof(bytes));
	slice_unlock(&away);
	away.count = 0;
}

void break_some(struct actor *a)
{
	struct slice s;

	if (!chosen || (chosen->sigbus && guard_is_on() && !guard_expects_errors()))
		return;
	if (chosen->sigbus)
		give_back();
	s = slice_pick(a, 1);
	slice_lock(&s, true);
	if (chosen->fault != PAGE_RIGHT)
		page_break(a, s.first, chosen->fault);
	if (chosen->sigbus) {
		away = s;
		take_away();
	}
	slice_unlock(&s);
}

void break_calm(void)
{
	if (chosen && !chosen->stays)
		give_back();
}
