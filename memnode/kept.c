// SPDX-License-Identifier: GPL-2.0-only
#include "kept.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct record *map(int fd)
{
	struct record *record =
		mmap(NULL, sizeof(*record), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return record == MAP_FAILED ? NULL : record;
}

int kept_put(struct kept *kept, const struct record *record, int memory)
{
	int error, fds[STORE_NR_PARTS];

	*kept = (struct kept){ .fd = memfd_create("mage-session", MFD_CLOEXEC) };
	if (kept->fd < 0 || store_make_name(kept->name))
		goto err;
	if (ftruncate(kept->fd, sizeof(*record)))
		goto err;
	kept->record = map(kept->fd);
	if (!kept->record)
		goto err;
	/* It holds a key. */
	madvise(kept->record, sizeof(*record), MADV_DONTDUMP);
	*kept->record = *record;
	memcpy(kept->record->magic, RECORD_MAGIC, sizeof(kept->record->magic));
	kept->record->version = RECORD_VERSION;
	kept->record->length = sizeof(*record);

	fds[STORE_MEMORY] = memory;
	fds[STORE_RECORD] = kept->fd;
	if (!store_put(kept->name, fds))
		return 0;
	error = errno;
	kept_forget(kept);
	errno = error;
	return -1;

err:
	error = errno;
	if (kept->fd >= 0)
		close(kept->fd);
	errno = error;
	return -1;
}

bool kept_take(struct kept *kept, const char *name, const int fds[static STORE_NR_PARTS],
	       char *error, size_t error_len)
{
	struct stat record, memory;

	*kept = (struct kept){ .fd = fds[STORE_RECORD] };
	snprintf(kept->name, sizeof(kept->name), "%s", name);
	if (fstat(fds[STORE_RECORD], &record) || fstat(fds[STORE_MEMORY], &memory)) {
		snprintf(error, error_len, "its files cannot be looked at (%s)", strerror(errno));
		return false;
	}
	/* What is beyond the end of a file cannot be read. */
	if (record.st_size < (off_t)sizeof(*kept->record)) {
		snprintf(error, error_len, "its record has only %lld bytes",
			 (long long)record.st_size);
		return false;
	}
	kept->record = map(fds[STORE_RECORD]);
	if (!kept->record) {
		snprintf(error, error_len, "its record cannot be mapped (%s)", strerror(errno));
		return false;
	}
	if (record_check(kept->record, (size_t)record.st_size, (uint64_t)memory.st_size, error,
			 error_len))
		return true;
	munmap(kept->record, sizeof(*kept->record));
	kept->record = NULL;
	return false;
}

bool kept_was_forgotten(int record)
{
	static const char wiped[sizeof(RECORD_MAGIC) - 1];
	char magic[sizeof(wiped)];

	return pread(record, magic, sizeof(magic), 0) == sizeof(magic) &&
	       !memcmp(magic, wiped, sizeof(magic));
}

void kept_update(struct kept *kept, uint32_t generation, uint32_t nr_queues, uint64_t resumes,
		 const char *device)
{
	struct record *record = kept->record;

	if (!record)
		return;
	/*
	 * The daemon may be killed between any two of these: each is right by
	 * itself, and the generation only has to be none that was there before.
	 */
	record->generation = generation;
	record->nr_queues = nr_queues;
	record->resumes = resumes;
	snprintf(record->device, sizeof(record->device), "%s", device);
}

void kept_forget(struct kept *kept)
{
	if (!kept->record)
		return;
	/* First: whoever is killed after this leaves nothing that could be taken for a session. */
	explicit_bzero(kept->record, sizeof(*kept->record));
	store_remove(kept->name);
	kept_let_go(kept);
}

void kept_let_go(struct kept *kept)
{
	if (!kept->record)
		return;
	munmap(kept->record, sizeof(*kept->record));
	kept->record = NULL;
	close(kept->fd);
}
