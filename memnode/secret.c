// SPDX-License-Identifier: GPL-2.0-only
#include "secret.h"

#include <stdio.h>

int secret_load(struct secret *secret, const char *path, char *error, size_t error_len)
{
	enum secret_result result = secret_read(secret, path, true);

	if (result == SECRET_OK)
		return 0;
	snprintf(error, error_len, "%s: %s%s", path, secret_result_text(result),
		 result == SECRET_FOR_EVERYBODY ? ": run chmod o-rwx on it" : "");
	return -1;
}
