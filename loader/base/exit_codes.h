/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The exit statuses of "mage".  They are an interface: mage(8) lists the same
 * numbers, and scripts rely on them.
 */
#ifndef MAGE_BASE_EXIT_CODES_H
#define MAGE_BASE_EXIT_CODES_H

enum rc {
	RC_OK = 0,
	RC_FAILED = 1, /* the operation failed, or the kernel refused it */
	RC_USAGE = 2, /* the command line makes no sense */
	RC_NO_MAGE = 3, /* this kernel has no Mage */
	RC_NOT_PERMITTED = 4, /* needs root (CAP_SYS_ADMIN) */
	RC_NOT_FOUND = 5, /* no such cgroup, device, policy file or policy */
	RC_EXISTS = 6, /* already exists, or in use */
	RC_BAD_POLICY = 7, /* no mage_ops policy, or the verifier refused it */
	RC_REVERTED = 8, /* a policy on trial was not kept */
	RC_TIMED_OUT = 9, /* what was waited for did not come in time */
};

/* The exit status that an errno value (positive) stands for. */
enum rc rc_of_errno(int err);

#endif
