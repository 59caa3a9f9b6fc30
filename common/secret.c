// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/secret.h"

#define TEXT(number) #number
#define NUMBER_TEXT(number) TEXT(number)

static enum secret_result check_file(int fd, bool only_file)
{
	struct stat st;

	if (fstat(fd, &st))
		return SECRET_UNREADABLE;
	if (!S_ISREG(st.st_mode))
		return only_file ? SECRET_NO_FILE : SECRET_OK;
	return st.st_mode & S_IRWXO ? SECRET_FOR_EVERYBODY : SECRET_OK;
}

static enum secret_result read_bytes(struct secret *secret, int fd)
{
	/* One byte more than fits, and a newline. */
	uint8_t bytes[MAGE_WIRE_SECRET_MAX + 2];
	enum secret_result result = SECRET_OK;
	ssize_t got = 1;
	size_t len = 0;

	while (got && len < sizeof(bytes)) {
		got = read(fd, bytes + len, sizeof(bytes) - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			explicit_bzero(bytes, sizeof(bytes));
			return SECRET_UNREADABLE;
		}
		len += (size_t)got;
	}
	if (len && bytes[len - 1] == '\n')
		len--;
	if (!len) {
		result = SECRET_EMPTY;
	} else if (len < SECRET_MIN) {
		result = SECRET_TOO_SHORT;
	} else if (len > MAGE_WIRE_SECRET_MAX) {
		result = SECRET_TOO_LONG;
	} else {
		memcpy(secret->bytes, bytes, len);
		secret->len = len;
	}
	explicit_bzero(bytes, sizeof(bytes));
	return result;
}

static void close_keeping_errno(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
}

enum secret_result secret_open(const char *path, bool only_file, int *fd)
{
	enum secret_result result;

	*fd = open(path, O_RDONLY | O_CLOEXEC | (only_file ? O_NONBLOCK : 0));
	if (*fd < 0)
		return SECRET_UNREADABLE;
	result = check_file(*fd, only_file);
	if (result != SECRET_OK)
		close_keeping_errno(*fd);
	return result;
}

enum secret_result secret_read(struct secret *secret, const char *path, bool only_file)
{
	enum secret_result result;
	int fd;

	result = secret_open(path, only_file, &fd);
	if (result != SECRET_OK)
		return result;
	result = read_bytes(secret, fd);
	close_keeping_errno(fd);
	return result;
}

const char *secret_result_text(enum secret_result result)
{
	switch (result) {
	case SECRET_OK:
		return "is fine";
	case SECRET_UNREADABLE:
		break;
	case SECRET_NO_FILE:
		return "not a regular file";
	case SECRET_FOR_EVERYBODY:
		return "everybody has access to the secret";
	case SECRET_EMPTY:
		return "the secret is empty";
	case SECRET_TOO_SHORT:
		return "the secret is shorter than " NUMBER_TEXT(SECRET_MIN) " bytes";
	case SECRET_TOO_LONG:
		return "the secret is longer than " NUMBER_TEXT(MAGE_WIRE_SECRET_MAX) " bytes";
	}
	return strerror(errno);
}
