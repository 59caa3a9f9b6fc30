// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/install.h"

bool built_folder(const char *name, char path[PATH_MAX])
{
	char self[PATH_MAX - 64], relative[PATH_MAX], *slash;
	ssize_t len;

	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		return false;
	self[len] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = '\0';
	snprintf(relative, sizeof(relative), "%s/../%.50s", self, name);
	return realpath(relative, path);
}
