// SPDX-License-Identifier: GPL-2.0-only
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int secret_read(struct secret *secret, int fd, const char *path, char *error,
		       size_t error_len)
{
	/* One byte more than fits, and a newline. */
	uint8_t bytes[MAGE_WIRE_SECRET_MAX + 2];
	struct stat st;
	size_t len = 0;
	ssize_t got;

	if (fstat(fd, &st)) {
		snprintf(error, error_len, "%s: %s", path, strerror(errno));
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		snprintf(error, error_len, "%s: not a regular file", path);
		return -1;
	}
	if (st.st_mode & S_IRWXO) {
		snprintf(error, error_len,
			 "%s: everybody has access to the secret: run chmod o-rwx on it", path);
		return -1;
	}

	while (len < sizeof(bytes)) {
		got = read(fd, bytes + len, sizeof(bytes) - len);
		if (got < 0) {
			snprintf(error, error_len, "%s: %s", path, strerror(errno));
			return -1;
		}
		if (!got)
			break;
		len += (size_t)got;
	}
	if (len && bytes[len - 1] == '\n')
		len--;
	if (!len) {
		snprintf(error, error_len, "%s: the secret is empty", path);
		return -1;
	}
	if (len > MAGE_WIRE_SECRET_MAX) {
		snprintf(error, error_len, "%s: the secret is longer than %d bytes", path,
			 MAGE_WIRE_SECRET_MAX);
		return -1;
	}

	memcpy(secret->bytes, bytes, len);
	secret->len = len;
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

int secret_load(struct secret *secret, const char *path, char *error, size_t error_len)
{
	int ret, fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		snprintf(error, error_len, "%s: %s", path, strerror(errno));
		return -1;
	}
	ret = secret_read(secret, fd, path, error, error_len);
	close(fd);
	return ret;
}
