// SPDX-License-Identifier: GPL-2.0-only
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "log.h"

/* Microseconds that the service manager has for what it was told. */
#define PATIENCE (UINT64_C(10) * 1000 * 1000)

static const char *const suffixes[STORE_NR_PARTS] = {
	[STORE_MEMORY] = ".memory",
	[STORE_RECORD] = ".record",
};

bool store_is_there(void)
{
	return getenv("NOTIFY_SOCKET");
}

bool store_was_passed(void)
{
	return getenv("LISTEN_FDS");
}

int store_make_name(char name[static STORE_NAME_LEN])
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -1;
	snprintf(name, STORE_NAME_LEN, "%016llx", (unsigned long long)number);
	return 0;
}

/* What was said is carried out when the other end of a pipe is closed. */
static int wait_until_heard(void)
{
	int ret = sd_notify_barrier(0, PATIENCE);

	if (ret > 0)
		return 0;
	errno = ret ? -ret : ENOTCONN;
	return -1;
}

int store_put(const char *name, const int fds[static STORE_NR_PARTS])
{
	char text[64 + STORE_NAME_LEN];
	int ret;

	for (unsigned int part = 0; part < STORE_NR_PARTS; part++) {
		snprintf(text, sizeof(text), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s%s", name,
			 suffixes[part]);
		ret = sd_pid_notify_with_fds(0, 0, text, &fds[part], 1);
		if (ret <= 0) {
			errno = ret ? -ret : ENOTCONN;
			return -1;
		}
	}
	return wait_until_heard();
}

/* suffix may be "", after a whole name. */
static void forget(const char *name, const char *suffix)
{
	sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s%s", name, suffix);
}

void store_remove(const char *name)
{
	for (unsigned int part = 0; part < STORE_NR_PARTS; part++)
		forget(name, suffixes[part]);
	wait_until_heard();
}

/* -1 if a session has no such part. */
static int part_of(const char *name)
{
	if (strlen(name) < STORE_NAME_LEN)
		return -1;
	for (int part = 0; part < STORE_NR_PARTS; part++)
		if (!strcmp(name + STORE_NAME_LEN - 1, suffixes[part]))
			return part;
	return -1;
}

/* The file with the other part, SD_LISTEN_FDS_START counted off; -1 for none. */
static int partner(char **names, int nr, int at, unsigned int part)
{
	for (int i = 0; i < nr; i++)
		if (i != at && part_of(names[i]) == (int)part &&
		    !strncmp(names[i], names[at], STORE_NAME_LEN - 1))
			return i;
	return -1;
}

int store_take(void (*found)(void *context, const char *name, const int fds[static STORE_NR_PARTS]),
	       void *context)
{
	int nr, other, part, pairs = 0, fds[STORE_NR_PARTS];
	char name[STORE_NAME_LEN];
	char **names = NULL;

	nr = sd_listen_fds_with_names(1, &names);
	if (nr < 0) {
		errno = -nr;
		return -1;
	}
	for (int i = 0; i < nr; i++) {
		part = part_of(names[i]);
		other = part < 0 ? -1 : partner(names, nr, i, !part);
		if (other >= 0 && part == STORE_RECORD)
			continue; /* comes with its memory */
		if (other < 0) {
			log_line("\"%s\" in the file descriptor store is no session: forgotten",
				 names[i]);
			forget(names[i], "");
			close(SD_LISTEN_FDS_START + i);
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", STORE_NAME_LEN - 1, names[i]);
		fds[STORE_MEMORY] = SD_LISTEN_FDS_START + i;
		fds[STORE_RECORD] = SD_LISTEN_FDS_START + other;
		found(context, name, fds);
		pairs++;
	}
	for (int i = 0; i < nr; i++)
		free(names[i]);
	free(names);
	return pairs;
}
