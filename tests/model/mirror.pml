/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A far device with two legs that hold the same pages, as a model: every interleaving of its owner's
 * writes and reads of a slot, of what the legs' far stores do, of legs that are suspended, given up, come
 * back and fail, and of the resync.  spin visits all of them; see tests/model/explore.
 *
 * Whatever is done under one hold of the set's lock (mm/mage/set_*.c) is one step here.  What a far store
 * does to a page takes two: it begins, and the page holds garbage until it has ended, unless it had the
 * same bytes before.
 *
 * What must hold:
 *	- who reads gets what was last written to the slot, of which the device said so;
 *	- while no leg has failed and no far store has lost anything, what was written can be read, now or
 *	  when a leg is back.
 */

/*
 * What spin has to find, each for itself:
 *	MUTANT 1: a write that was given back as failed arrives after its leg has come back
 *	MUTANT 2: a write that finds a leg suspended does not say so to the window
 *	MUTANT 3: a write that leaves a leg out does not make it stale there
 *	MUTANT 4: a write that failed at a leg does not make it stale there
 *	MUTANT 5: a resync without a window
 *	MUTANT 6: a resync that does not wait for the writes of before
 *	MUTANT 7: a leg is replaced in a window
 *	MUTANT 8: a leg comes back before a write is back that was given up
 *	MUTANT 9: a wait for writes that was broken off is not made up for
 */
#ifndef MUTANT
#define MUTANT 0
#endif

#define LEGS	2
#define NONE	255
#define GARBAGE	254

/* What a far store is asked to do with the slot. */
#define IDLE	0
#define POSTED	1	/* asked for, and not begun */
#define HALF	2	/* begun: the slot holds garbage */
#define OK	3	/* acknowledged */
#define ERROR	4	/* given back as failed */

/* Most writes, and most changes of the legs' states, of one run: the rest repeats itself. */
#ifndef WRITES
#define WRITES	2
#endif
#ifndef EVENTS
#define EVENTS	3
#endif

byte holds[LEGS];	/* what the far store has at the slot */
bool stale[LEGS], suspended[LEGS], failed[LEGS];
byte writing[LEGS];	/* the owner's write: its state */
byte copying[LEGS];	/* the resync's */
byte value[LEGS];	/* what the owner's write is to put there */
byte behind[LEGS];	/* a write that was given up: its state; nobody hears of its end */
byte thing[LEGS];	/* what it is to put there */
byte copy;		/* what the resync has read */

bool valid;		/* the slot holds what the owner reads again */
byte current;		/* that is, the number of the write */
bool any_failed;
bool reads[LEGS];	/* somebody has begun to read from it */
#if MUTANT == 1
byte late[LEGS] = NONE;	/* it was given back as failed, and arrives all the same */
#endif

byte phase;
byte under_way[2];
byte filling = NONE;	/* the window is open for that leg */
bool missed;
bool holder;		/* the resync holds the mutex */

#define LIVE(i)		(!suspended[i] && !failed[i])
#define MAY_HAVE(i)	(!failed[i] && !stale[i])
#define OTHER(i)	(1 - (i))
#define QUIET(i)	(writing[i] != POSTED && writing[i] != HALF && \
			 copying[i] != POSTED && copying[i] != HALF && !BEHIND(i))
#if MUTANT == 8
#define BEHIND(i)	false
#else
#define BEHIND(i)	(behind[i] != IDLE)
#endif
#define OVER(state)	(state == OK || state == ERROR)

/* A far store does what it was asked to, or not; a write may have been done and its end be lost. */
proctype store(byte i)
{
end:
	do
	:: d_step { writing[i] == POSTED -> writing[i] = HALF;
		    holds[i] = (holds[i] == value[i] -> value[i] : GARBAGE) }
	:: d_step { writing[i] == HALF && LIVE(i) -> writing[i] = OK; holds[i] = value[i] }
	:: d_step { writing[i] == HALF -> holds[i] = value[i]; writing[i] = ERROR }
	:: d_step { writing[i] == POSTED || writing[i] == HALF -> writing[i] = ERROR
#if MUTANT == 1
		    ; late[i] = value[i]
#endif
		  }
#if MUTANT == 1
	:: d_step { late[i] != NONE -> holds[i] = late[i]; late[i] = NONE }
#endif
	:: d_step { copying[i] == POSTED -> copying[i] = HALF;
		    holds[i] = (holds[i] == copy -> copy : GARBAGE) }
	:: d_step { copying[i] == HALF && LIVE(i) -> copying[i] = OK; holds[i] = copy }
	:: d_step { copying[i] == POSTED || copying[i] == HALF -> copying[i] = ERROR }
	/* mage_part_give_up(), mage_copies_give_up(): of a leg that is left out. */
	:: d_step { !LIVE(i) && (writing[i] == POSTED || writing[i] == HALF) && behind[i] == IDLE ->
		    behind[i] = writing[i]; thing[i] = value[i]; writing[i] = ERROR }
	:: d_step { !LIVE(i) && (copying[i] == POSTED || copying[i] == HALF) && behind[i] == IDLE ->
		    behind[i] = copying[i]; thing[i] = copy; copying[i] = ERROR }
	:: d_step { behind[i] == POSTED -> behind[i] = HALF;
		    holds[i] = (holds[i] == thing[i] -> thing[i] : GARBAGE) }
	:: d_step { behind[i] == HALF -> behind[i] = IDLE; holds[i] = thing[i]; thing[i] = 0 }
	:: d_step { behind[i] == POSTED -> behind[i] = IDLE; thing[i] = 0 }
	od
}

/* Legs are suspended, and come back when nothing is under way there any more; one may fail. */
proctype events()
{
	byte left = EVENTS;
	byte i;

end:
	do
	:: left > 0 ->
		left--;
		if
		:: i = 0
		:: i = 1
		fi;
		if
		:: d_step { LIVE(i) -> suspended[i] = true }
		/* What was under way has come back as failed before. */
		:: d_step { suspended[i] && QUIET(i) -> suspended[i] = false }
		:: d_step { !failed[i] && !any_failed -> failed[i] = true; suspended[i] = false;
			    any_failed = true }
		/* A page could not be read, or was not what was written: mage_leg_doubt(). */
		:: d_step { valid && !failed[i] && MAY_HAVE(OTHER(i)) -> stale[i] = true }
		/*
		 * Another one takes the place of one that failed: stale wherever something was written.
		 * The mutex is held for that, as it is for a window.
		 */
#if MUTANT == 7
		:: d_step { failed[i] && writing[i] == IDLE && copying[i] == IDLE && !reads[i] ->
#else
		:: d_step { failed[i] && writing[i] == IDLE && !holder && !reads[i] ->
#endif
			    /* What was given up is another store's. */
			    behind[i] = IDLE; thing[i] = 0;
			    failed[i] = false; stale[i] = true; holds[i] = GARBAGE }
		:: skip
		fi
	:: left == 0 -> break
	od
}

/* mage_piece_make(), mage_piece_post(), mage_piece_settle(); then the owner reads, or not. */
proctype owner()
{
	byte n = 0;
	byte i, mine;
	bool written;

	do
	:: n < WRITES ->
		n++;
		d_step {
			/* Nobody reads from now on. */
			valid = false;
			mine = phase;
			under_way[mine]++;
			i = 0;
			do
			:: i < LEGS ->
				if
				/* Whether it is there or not: it may be back before the window is closed. */
				:: filling == i ->
#if MUTANT == 2
					missed = LIVE(i);
#else
					missed = true;
#endif
#if MUTANT != 3
					stale[i] = true
#endif
				:: filling != i && !LIVE(i) -> stale[i] = true
				:: else -> value[i] = n; writing[i] = POSTED
				fi;
				i++
			:: else -> break
			od;
			i = 0
		}
		(writing[0] == IDLE || OVER(writing[0])) && (writing[1] == IDLE || OVER(writing[1]));
		d_step {
			written = false;
			i = 0;
			do
			:: i < LEGS ->
				written = written || (writing[i] == OK && !failed[i]);
				i++
			:: else -> break
			od;
			i = 0;
			do
			:: i < LEGS ->
				if
				:: written && writing[i] == OK -> stale[i] = false
#if MUTANT != 4
				:: written && writing[i] == ERROR -> stale[i] = true
#endif
				:: else
				fi;
				writing[i] = IDLE;
				i++
			:: else -> break
			od;
			i = 0;
			under_way[mine]--;
			current = n;
			valid = written
		}
		/* The owner reads for as long as he likes before he writes again. */
		do
		:: valid ->
			assert(any_failed || MAY_HAVE(0) || MAY_HAVE(1));
			if
			:: i = 0
			:: i = 1
			fi;
			if
			/* The look at the leg and the read are two steps; it stays until then. */
			:: d_step { LIVE(i) && !stale[i] -> reads[i] = true } ->
				assert(holds[i] == current || failed[i]);
				reads[i] = false
			:: else
			fi
		:: true -> break
		od
	:: else -> break
	od
}

/* set_resync.c: a window, the wait for what was posted before, the copy, the end of the window. */
proctype resync()
{
	byte to, from, old;
	bool good;

end:
	do
	:: d_step { stale[0] && LIVE(0) && LIVE(1) -> to = 0 } -> goto window
	:: d_step { stale[1] && LIVE(1) && LIVE(0) -> to = 1 } -> goto window
	od;
window:
	skip;
	d_step {
		holder = true;
#if MUTANT != 5
		filling = to;
#endif
		missed = false
	}
	/* mage_set_settle(), which may be broken off. */
#if MUTANT != 9
	if
	:: under_way[1 - phase] == 0
	:: true -> goto close
	fi;
#endif
	d_step { old = phase; phase = 1 - phase }
#if MUTANT != 6
	if
	:: under_way[old] == 0
	:: true -> goto close
	fi;
#endif
	from = OTHER(to);
	good = false;
	if
	:: LIVE(from) && !stale[from] && LIVE(to) && stale[to] ->
		/* A write may be under way there: then this is garbage. */
		copy = holds[from];
		if
		:: LIVE(from) -> good = true
		:: true
		fi
	:: else
	fi;
	if
	:: good ->
		d_step { copying[to] = POSTED }
		OVER(copying[to]);
		d_step {
			if
			:: copying[to] == OK && !missed && stale[to] -> stale[to] = false
			:: else
			fi;
			copying[to] = IDLE;
			filling = NONE
		}
	:: else
	fi;
close:
	skip;
	d_step { filling = NONE; holder = false }
	goto end
}

init {
	atomic {
		holds[0] = GARBAGE;
		holds[1] = GARBAGE;
		run store(0);
		run store(1);
		run events();
		run resync();
		run owner()
	}
}
