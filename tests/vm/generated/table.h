/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a generated policy does: the table that interpreter.bpf.c has in .rodata, and that
 * make.c fills at random before each load.
 */
#ifndef GENERATED_TABLE_H
#define GENERATED_TABLE_H

#ifndef __bpf__
#include <stdint.h>
typedef uint64_t u64;
typedef uint32_t u32;
typedef uint8_t u8;
#endif

/* Where an action has its number from, which is what it goes by, or stores. */
enum number_kind {
	NUMBER_VALUE, /* the action's value */
	NUMBER_LAST, /* what the action before has found, plus that value */
	NUMBER_DICE, /* at random, below the value */
	NUMBER_ANY, /* any 64 bits */
	NUMBER_ROOM,
	NUMBER_LIMIT,
	NUMBER_HEADROOM,
	NUMBER_FRAMES,
	NUMBER_WAITING,
	NUMBER_CLOCK,
	NUMBER_COUNTER,
	NUMBER_LIST_SIZE,
	NUMBER_EVICTORS,
	NUMBER_KEPT, /* what some policy has kept, this one or one before */
	NUMBER_SPIED, /* the id of a page of another domain */
	NUMBER_KINDS
};

enum op {
	/* anywhere */
	OP_NONE,
	OP_NUMBER, /* only asks for the number */
	OP_KEEP, /* stores the number where policies after this find it */
	OP_HASH, /* updates, looks up or deletes the number in a hash */
	OP_TASK, /* counts in storage of the task */
	OP_GHOST, /* mage_ghost_of_slot() */
	OP_LOOP, /* asks for the number again and again */
	OP_ERROR, /* mage_policy_error(): not in init and exit */
	OP_ANYWHERE_END,
	/* about a frame */
	OP_MOVE = OP_ANYWHERE_END,
	OP_ID,
	OP_ADDRESS,
	OP_SLOT,
	OP_LIST,
	OP_PREFETCHED,
	OP_WORD,
	OP_SET_WORD,
	OP_FRAME_END,
	/* about a frame, in select and tick */
	OP_ADD = OP_FRAME_END,
	OP_ACCESSED,
	OP_LOOK_AROUND,
	OP_DIRTY,
	OP_ADD_ID, /* about a number */
	OP_ADD_LIST, /* so many from a list */
	OP_ADD_UNUSED,
	OP_ADD_UNUSED_AROUND,
	OP_LIST_MOVE,
	OP_PROCESS, /* asks for the frame's process, as that of looks at regions */
	OP_REGION_LOOK,
	OP_BATCH_END,
	/* in prefetch */
	OP_PREFETCH_ADDRESS = OP_BATCH_END,
	OP_PREFETCH_PAGES, /* the pages around the fault */
	OP_PREFETCH_SLOT,
	OP_LOOK,
	OP_END
};

struct action {
	u8 op;
	u8 chance; /* of 255, that it is done */
	u8 kind; /* of the number */
	u8 list; /* or index, counter, rounds of a loop */
	u64 value;
};

/* Rounds of a loop are so many times the list. */
#define ROUNDS 8

/* A walk, or a sample: what is done to each frame. */
#define FRAME_ACTIONS 3

struct walk {
	u8 sample;
	u8 list;
	u8 flags;
	u8 keep; /* goes on with a frame when the walk is over */
	u32 most; /* frames; 0 for no walk at all */
	struct action frame[FRAME_ACTIONS];
};

struct nest {
	struct walk outer;
	struct walk inner; /* for each frame of the outer one */
	struct action after; /* of the outer frame, after the inner one */
};

/* Callbacks in the order of struct mage_ops. */
enum callback {
	CB_INIT,
	CB_EXIT,
	CB_PAGE_IN,
	CB_PAGE_OUT,
	CB_HINT,
	CB_PREFETCH,
	CB_NO_ROOM,
	CB_EVICTORS,
	CB_DEPTH,
	CB_HEADROOM,
	CB_BATCH_SIZE,
	CB_SELECT,
	CB_OUTCOME,
	CB_TICK,
	CB_RESERVE,
	CALLBACKS
};

/* What a callback answers: the action's number, taken into a range. */
struct answer {
	struct action number;
	u64 least;
	u64 span; /* numbers in the range; 0: as it is */
};

#define ACTIONS 3
#define NESTS 3

struct table {
	struct action action[CALLBACKS][ACTIONS];
	struct answer answer[CALLBACKS];
	struct nest nest[2][NESTS]; /* of select, of tick */
	u8 remembers; /* picks by number, and forgets what leaves */
	u8 takes_all; /* select takes whatever is there in the end */
};

/* Policies that are loaded together, as one object. */
#define TOGETHER 16

/* What is written while they run. */
struct seen {
	struct {
		u32 exits; /* calls of exit */
		u32 exit_kind; /* what it was told: enum mage_exit_kind */
		char exit_message[128];
	} of[TOGETHER];
	u64 tuned; /* changed from outside */
	u64 spent_at; /* when the budget of looks at regions was, or may have been; ns */
	u32 process; /* that of a page, at some time */
	u32 nought; /* always 0, which the verifier does not know */
};

#endif
