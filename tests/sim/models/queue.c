// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "memory.h"
#include "queue.h"

struct queue_place *queue_places(uint32_t pages)
{
	return model_memory(pages, sizeof(struct queue_place));
}

void queue_init(struct queue *queue)
{
	*queue = (struct queue){ .first = QUEUE_NONE, .last = QUEUE_NONE };
}

void queue_add_last(struct queue *queue, struct queue_place *places, uint32_t page)
{
	places[page] = (struct queue_place){ queue, QUEUE_NONE, queue->last };
	if (queue->last == QUEUE_NONE)
		queue->first = page;
	else
		places[queue->last].next = page;
	queue->last = page;
	queue->nr++;
}

void queue_remove(struct queue_place *places, uint32_t page)
{
	struct queue_place *place = &places[page];
	struct queue *queue = place->queue;

	if (place->before == QUEUE_NONE)
		queue->first = place->next;
	else
		places[place->before].next = place->next;
	if (place->next == QUEUE_NONE)
		queue->last = place->before;
	else
		places[place->next].before = place->before;
	queue->nr--;
	place->queue = NULL;
}

uint32_t queue_take_first(struct queue *queue, struct queue_place *places)
{
	uint32_t page = queue->first;

	queue_remove(places, page);
	return page;
}
