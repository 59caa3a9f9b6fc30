// SPDX-License-Identifier: GPL-2.0-only
#include "secret.h"

#include <stdio.h>

static const char *advice(enum secret_result result)
{
	switch (result) {
	case SECRET_FOR_EVERYBODY:
		return ": run chmod o-rwx on it";
	case SECRET_TOO_SHORT:
		return ": make one with head -c 32 /dev/urandom | base64";
	default:
		return "";
	}
}

int secret_load(struct secret *secret, const char *path, char *error, size_t error_len)
{
	enum secret_result result = secret_read(secret, path, true);

	if (result == SECRET_OK)
		return 0;
	snprintf(error, error_len, "%s: %s%s", path, secret_result_text(result), advice(result));
	return -1;
}
