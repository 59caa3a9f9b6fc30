/* SPDX-License-Identifier: GPL-2.0-only */
/* Queues of pages for the models: a page is on one of them at most. */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#define QUEUE_NONE UINT32_MAX

struct queue {
	uint32_t first, last;
	uint32_t nr;
};

struct queue_place {
	struct queue *queue; /* NULL for none */
	uint32_t next, before; /* next is nearer to the last */
};

/* By page. */
struct queue_place *queue_places(uint32_t pages);

void queue_init(struct queue *queue);
void queue_add_last(struct queue *queue, struct queue_place *places, uint32_t page);
void queue_remove(struct queue_place *places, uint32_t page);
uint32_t queue_take_first(struct queue *queue, struct queue_place *places);

#endif
