// SPDX-License-Identifier: GPL-2.0-only
#include "base/sysfile.h"
#include "kernel/cores.h"

static bool read_list(const char *path, struct cpu_list *list)
{
	char text[4096];

	return sysfile_read(path, text, sizeof(text)) && cpu_list_parse(text, list);
}

bool cores_read(struct cores *cores)
{
	cpu_list_parse("", &cores->isolated);
	if (!read_list("/sys/devices/system/cpu/online", &cores->online))
		cpu_list_parse("0", &cores->online);
	read_list("/sys/devices/system/cpu/isolated", &cores->isolated);
	return read_list(EVICTOR_CPUS_FILE, &cores->evictors);
}
