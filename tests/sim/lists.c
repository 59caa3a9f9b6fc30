// SPDX-License-Identifier: GPL-2.0-only
/* Frames and the lists they are on, as mm/mage/frame.c with one shard. */
#include <errno.h>

#include "internal.h"

void lists_init(struct mage_domain *domain)
{
	for (u32 i = 0; i < MAGE_LISTS; i++) {
		struct link *head = &domain->lists[i].head;

		*head = (struct link){ head, head };
	}
}

static struct mage_frame *frame_of(const struct list *list, struct link *link)
{
	return link == &list->head ? NULL : (struct mage_frame *)link;
}

struct mage_frame *list_first(const struct list *list)
{
	return frame_of(list, list->head.next);
}

struct mage_frame *list_last(const struct list *list)
{
	return frame_of(list, list->head.before);
}

struct mage_frame *list_after(const struct list *list, const struct mage_frame *frame)
{
	return frame_of(list, frame->link.next);
}

static bool frame_is_on_list(const struct mage_frame *frame)
{
	return frame->link.next;
}

void frame_link(struct mage_domain *domain, struct mage_frame *frame, u32 list, bool tail)
{
	struct link *head = &domain->lists[list].head;
	struct link *before = tail ? head->before : head, *next = before->next;

	frame->link = (struct link){ .next = next, .before = before };
	before->next = &frame->link;
	next->before = &frame->link;
	frame->list = (u8)list;
	frame->state = FRAME_LISTED;
	domain->lists[list].nr++;
}

void frame_unlink(struct mage_domain *domain, struct mage_frame *frame)
{
	struct list *list = &domain->lists[frame->list];

	if (!frame_is_on_list(frame))
		return;
	if (list->hand == frame)
		list->hand = list_after(list, frame);
	frame->link.before->next = frame->link.next;
	frame->link.next->before = frame->link.before;
	frame->link = (struct link){ 0 };
	list->nr--;
}

int frame_move(struct mage_domain *domain, struct mage_frame *frame, u32 list, bool tail)
{
	if (list >= MAGE_LISTS)
		return -EINVAL;
	if (frame->state == FRAME_FREE)
		return -ENOENT;
	if (frame->state == FRAME_VICTIM)
		return -EBUSY;
	frame_unlink(domain, frame);
	frame_link(domain, frame, list, tail);
	return 0;
}
