// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: names of areas, which programs give them with prctl(PR_SET_VMA).
 *
 * For callbacks, which run in an RCU read-side section: what cannot be told without
 * waiting is not told.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/mm.h>
#include <linux/string.h>
#include "name.h"
#include "look.h"
#include "mapping.h"

/* As long as the kernel lets a name be, with its end. */
#define MAGE_NAME_BYTES		80

/**
 * mage_name_size_is_good() - whether a policy's buffer for a name is of a size it may be
 * @size: bytes
 */
bool mage_name_size_is_good(u32 size)
{
	return size && size <= MAGE_NAME_BYTES;
}

/**
 * mage_vma_name() - the name of an area
 * @vma: the area, locked for reading by its own lock or that of its mm: who changes the name
 *	takes both for writing, and frees the old one at once
 * @name: filled to its end, with zeroes after the name
 * @size: a good size
 *
 * Return: length of the name, more of which @name may not have room for; 0 if it has none
 */
int mage_vma_name(const struct vm_area_struct *vma, char *name, u32 size)
{
	const char *found = NULL;

#ifdef CONFIG_ANON_VMA_NAME
	/* Not anon_vma_name(), which knows of the lock of the mm only. */
	if (vma->anon_name)
		found = vma->anon_name->name;
#endif
	/* No other can have these, as [ and ] are in no name that is set. */
	if (!found && !vma->vm_file && vma_is_initial_heap(vma))
		found = "[heap]";
	else if (!found && vma_is_initial_stack(vma))
		found = "[stack]";
	strscpy_pad(name, found ?: "", size);
	return found ? strlen(found) : 0;
}

/* A policy's buffer. */
struct mage_name_buffer {
	char *name;
	u32 size;
};

/*
 * The lock of the anon_vma, which the search holds, keeps the area, but not its name. The
 * area's own lock is only tried, so it may be taken below that of the page table.
 */
static int mage_mapping_name(struct mage_mapping *map, void *arg)
{
	const struct mage_name_buffer *to = arg;
	int len;

	if (!vma_start_read(map->vma))
		return -EAGAIN;
	len = mage_vma_name(map->vma, to->name, to->size);
	vma_end_read(map->vma);
	return len;
}

__bpf_kfunc_start_defs();

/**
 * mage_frame_name() - the name of the area that a page is mapped in
 * @batch: the batch that select or tick was given
 * @frame: the frame
 * @name: filled to its end, with zeroes after the name; with nothing else if there is none
 * @name__sz: its size, 1 to 80 bytes; what there is no room for is cut
 *
 * What a program has set with prctl(PR_SET_VMA_ANON_NAME), and /proc/PID/maps shows as
 * [anon:NAME], or "[heap]" or "[stack]".  It is looked for in a page table, as
 * mage_frame_accessed() does.  Of a page that processes share the name is that of one of them.
 *
 * Return: length of the name; 0 if the area has none; -ENOENT when the page left meanwhile, or
 * is mapped nowhere; -EAGAIN when it cannot be told without waiting; -EINVAL for a bad size
 */
__bpf_kfunc int mage_frame_name(struct mage_batch *batch, struct mage_frame *frame,
				char *name, u32 name__sz)
{
	struct mage_name_buffer to = { .name = name, .size = name__sz };

	if (!mage_name_size_is_good(name__sz))
		return -EINVAL;
	memset(name, 0, name__sz);
	return mage_frame_ask_mapping(batch, frame, mage_mapping_name, &to);
}

__bpf_kfunc_end_defs();
