// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>

#include <linux/mage.h>

#include "base/error.h"
#include "base/sysfile.h"
#include "kernel/cores.h"
#include "kernel/presence.h"

bool mage_is_there(void)
{
	return !access(EVICTOR_CPUS_FILE, F_OK);
}

/* The words that the kernel's kstrtobool() takes for "no", by their beginnings. */
static bool is_no(const char *value)
{
	return strchr("nNfF0", value[0]) ||
	       ((value[0] == 'o' || value[0] == 'O') && (value[1] == 'f' || value[1] == 'F'));
}

bool switches_mage_off(const char *command_line)
{
	static const char option[] = "mage=";
	const size_t len = sizeof(option) - 1;
	bool off = false;

	/* The last one counts. */
	for (const char *at = command_line; (at = strstr(at, option)); at += len) {
		if ((at == command_line || at[-1] == ' ') && at[len] && at[len] != ' ')
			off = is_no(at + len);
	}
	return off;
}

bool mage_is_off(void)
{
	char line[4096];

	return sysfile_read("/proc/cmdline", line, sizeof(line)) && switches_mage_off(line);
}

enum rc no_mage(const char *what)
{
	if (mage_is_there())
		return report(RC_NO_MAGE, what, NULL, "use the host's, as the only one that has it",
			      "this network namespace has no Mage");
	if (mage_is_off())
		return report(RC_NO_MAGE, what, NULL,
			      "take mage=off from the boot loader's command line and reboot",
			      "this kernel has no Mage, as it was booted with mage=off");
	return report(RC_NO_MAGE, what, NULL,
		      "boot one with CONFIG_MAGE=y, or see 'dmesg | grep mage:' for why it is off",
		      "this kernel has no Mage");
}

const char *version_todo(unsigned int kernels)
{
	return kernels > MAGE_GENL_VERSION ? "install the package mage that came with the kernel" :
					     "boot the kernel that came with this program";
}

enum rc version_check(const char *what, unsigned int kernels)
{
	if (kernels == MAGE_GENL_VERSION)
		return RC_OK;
	return report(RC_NO_MAGE, what, NULL, version_todo(kernels),
		      "the kernel has version %u of Mage's interface, and this program is for %u",
		      kernels, MAGE_GENL_VERSION);
}
