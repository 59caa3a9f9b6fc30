// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/install.h"

bool beside_program(const char *relative, char path[PATH_MAX])
{
	char self[PATH_MAX - 64], joined[PATH_MAX], *slash;
	ssize_t len;

	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		return false;
	self[len] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = '\0';
	snprintf(joined, sizeof(joined), "%s/%.60s", self, relative);
	return realpath(joined, path);
}

void installed_folder(const char *name, char path[PATH_MAX])
{
	char relative[64];

	snprintf(relative, sizeof(relative), "../lib/mage/%s", name);
	if (!beside_program(relative, path))
		snprintf(path, PATH_MAX, INSTALLED_FOLDER "/%s", name);
}
