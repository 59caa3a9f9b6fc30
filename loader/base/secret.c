// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/mage.h>

#include "base/error.h"
#include "base/secret.h"

enum rc read_secret(const char *what, const char *file, uint8_t *secret, unsigned int *len)
{
	uint8_t buffer[MAGE_SECRET_LEN + 2];
	enum rc rc = RC_OK;
	size_t nr = 0;
	struct stat st;
	ssize_t got;
	int fd;

	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return report(rc_of_errno(errno), what, file, NULL, "cannot read the secret: %s",
			      strerror(errno));
	/* The daemon refuses the same; a pipe or a descriptor of the shell is fine. */
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && (st.st_mode & S_IRWXO)) {
		close(fd);
		return report(RC_FAILED, what, file, "run chmod o-rwx on it",
			      "everybody has access to the secret");
	}
	while (nr < sizeof(buffer)) {
		got = read(fd, buffer + nr, sizeof(buffer) - nr);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			rc = report(rc_of_errno(errno), what, file, NULL,
				    "cannot read the secret: %s", strerror(errno));
		if (got <= 0)
			break;
		nr += (size_t)got;
	}
	close(fd);
	if (rc == RC_OK && nr && buffer[nr - 1] == '\n')
		nr--;
	if (rc == RC_OK && !nr)
		rc = report(RC_USAGE, what, file, "write the memory node's secret into it",
			    "the secret is empty");
	else if (rc == RC_OK && nr > MAGE_SECRET_LEN)
		rc = report(RC_USAGE, what, file, NULL, "the secret is longer than %d bytes",
			    MAGE_SECRET_LEN);
	if (rc == RC_OK) {
		memcpy(secret, buffer, nr);
		*len = (unsigned int)nr;
	}
	explicit_bzero(buffer, sizeof(buffer));
	return rc;
}
