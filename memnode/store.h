/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file descriptor store of the service manager: what is put there is passed
 * to the next daemon of the service, also if this one is killed.  See
 * systemd.service(5), FileDescriptorStoreMax=, and sd_notify(3), FDSTORE=1.
 */
#ifndef MEMNODE_STORE_H
#define MEMNODE_STORE_H

#include <stdbool.h>
#include <stddef.h>

/* Longest name, its NUL included: 16 hexadecimal digits. */
#define STORE_NAME_LEN 17

/* The two files of a session, under one name. */
enum store_part {
	STORE_MEMORY,
	STORE_RECORD,
	STORE_NR_PARTS,
};

/* Whether there is a service manager to talk to. */
bool store_is_there(void);
/* A name that nothing else has.  Returns 0, or -1 with errno. */
int store_make_name(char name[static STORE_NAME_LEN]);

/*
 * Returns when the service manager has them, or with -1 and errno after some
 * seconds.  Whether it had room it does not say: it logs it.
 */
int store_put(const char *name, const int fds[static STORE_NR_PARTS]);
/* Returns when they are no longer there, or after some seconds. */
void store_remove(const char *name);

/*
 * What was passed to this daemon: calls found() with each pair, whose files it
 * then owns, and forgets what has no partner.  To be called once, with no other
 * thread.  Returns the pairs, or -1 with errno.
 */
int store_take(void (*found)(void *context, const char *name, const int fds[static STORE_NR_PARTS]),
	       void *context);
/* Whether anything was passed, without taking it. */
bool store_was_passed(void);

#endif
