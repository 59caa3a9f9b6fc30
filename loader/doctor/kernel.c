// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <linux/magic.h>

#include "base/sysfile.h"
#include "cgroups/path.h"
#include "doctor/kernel.h"
#include "kernel/presence.h"
#include "policies/layout.h"

static const char area[] = "kernel";

static bool look_for_mage(struct findings *findings)
{
	struct utsname name;

	uname(&name);
	if (mage_is_there()) {
		finding_add(findings, area, "mage", VERDICT_OK, NULL, "Linux %s has Mage",
			    name.release);
		return true;
	}
	if (mage_is_off())
		finding_add(findings, area, "mage", VERDICT_WRONG,
			    "take mage=off from the boot loader's command line and reboot",
			    "Linux %s was booted with Mage switched off", name.release);
	else
		finding_add(findings, area, "mage", VERDICT_WRONG,
			    "boot a kernel built with Mage's patches and CONFIG_MAGE=y",
			    "Linux %s has no Mage", name.release);
	return false;
}

static void look_for_types(struct findings *findings, bool has_mage)
{
	struct btf *btf = kernel_types_load();
	struct kernel_layout layout;

	if (!btf) {
		finding_add(findings, area, "BTF", VERDICT_WRONG,
			    "build the kernel with CONFIG_DEBUG_INFO_BTF=y",
			    "the kernel does not describe its types: no policy can be loaded");
		return;
	}
	finding_add(findings, area, "BTF", VERDICT_OK, NULL, "the kernel describes its types");
	if (has_mage && kernel_layout_find(btf, &layout))
		finding_add(findings, area, "struct_ops", VERDICT_WRONG,
			    "build the kernel with CONFIG_BPF_SYSCALL=y and CONFIG_BPF_JIT=y",
			    "the kernel has no struct_ops of type mage_ops");
	else if (has_mage)
		finding_add(findings, area, "struct_ops", VERDICT_OK, NULL,
			    "policies (mage_ops) can be attached");
	btf__free(btf);
}

static void look_at_jit(struct findings *findings)
{
	char text[16];

	/* Not there: it cannot be switched off. */
	if (sysfile_read("/proc/sys/net/core/bpf_jit_enable", text, sizeof(text)) &&
	    !strcmp(text, "0"))
		finding_add(findings, area, "BPF JIT", VERDICT_WRONG,
			    "sysctl net.core.bpf_jit_enable=1",
			    "the BPF compiler is off: no policy can be attached");
	else
		finding_add(findings, area, "BPF JIT", VERDICT_OK, NULL,
			    "BPF programs are compiled");
}

static void look_at_pins(struct findings *findings)
{
	struct statfs fs;

	if (!statfs("/sys/fs/bpf", &fs) && fs.f_type == BPF_FS_MAGIC)
		finding_add(findings, area, "pins", VERDICT_OK, NULL,
			    "the BPF file system is mounted on /sys/fs/bpf");
	else
		finding_add(findings, area, "pins", VERDICT_NOTE,
			    "mount -t bpf bpf /sys/fs/bpf (mage does it when it loads a policy)",
			    "the BPF file system is not mounted");
}

static void look_at_cgroups(struct findings *findings)
{
	const char *mount = cgroup_mount_point();
	char controllers[256];

	if (!sysfile_readf(controllers, sizeof(controllers), "%s/cgroup.controllers", mount))
		finding_add(findings, area, "cgroups", VERDICT_WRONG,
			    "mount -t cgroup2 none /sys/fs/cgroup", "cgroup v2 is not mounted");
	else if (!strstr(controllers, "memory"))
		finding_add(findings, area, "cgroups", VERDICT_WRONG,
			    "boot without cgroup_disable=memory, and with cgroup v2 alone",
			    "cgroup v2 on %s has no memory controller", mount);
	else
		finding_add(findings, area, "cgroups", VERDICT_OK, NULL,
			    "cgroup v2 on %s has the memory controller", mount);
}

bool doctor_kernel(struct findings *findings)
{
	bool has_mage = look_for_mage(findings);

	look_for_types(findings, has_mage);
	look_at_jit(findings);
	look_at_pins(findings);
	look_at_cgroups(findings);
	if (geteuid())
		finding_add(findings, area, "rights", VERDICT_NOTE, "run it as root",
			    "you are not root: you can look, but change nothing");
	return has_mage;
}
