// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include <linux/mage.h>

#include "base/error.h"
#include "base/secret.h"
#include "common/secret.h"

_Static_assert(MAGE_WIRE_SECRET_MAX <= MAGE_SECRET_LEN, "there is room for it in requests");

static enum rc failed(const char *what, const char *file, enum secret_result result)
{
	const char *text = secret_result_text(result);

	switch (result) {
	case SECRET_UNREADABLE:
		return report(rc_of_errno(errno), what, file, NULL, "cannot read the secret: %s",
			      text);
	case SECRET_FOR_EVERYBODY:
		return report(RC_FAILED, what, file, "run chmod o-rwx on it", "%s", text);
	case SECRET_EMPTY:
		return report(RC_USAGE, what, file, "write the memory node's secret into it", "%s",
			      text);
	case SECRET_TOO_SHORT:
		return report(RC_USAGE, what, file,
			      "make one with head -c 32 /dev/urandom | base64, and give it to the "
			      "memory node, too",
			      "%s", text);
	default:
		return report(RC_USAGE, what, file, NULL, "%s", text);
	}
}

enum rc read_secret(const char *what, const char *file, uint8_t *bytes, unsigned int *len)
{
	/* A pipe or a descriptor of the shell is fine. */
	struct secret secret;
	enum secret_result result = secret_read(&secret, file, false);

	if (result != SECRET_OK)
		return failed(what, file, result);
	memcpy(bytes, secret.bytes, secret.len);
	*len = (unsigned int)secret.len;
	explicit_bzero(&secret, sizeof(secret));
	return RC_OK;
}
