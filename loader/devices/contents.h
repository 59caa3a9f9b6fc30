/* SPDX-License-Identifier: GPL-2.0-only */
/* What lies on a block device already, and would be lost. */
#ifndef MAGE_DEVICES_CONTENTS_H
#define MAGE_DEVICES_CONTENTS_H

#include "base/exit_codes.h"

/*
 * Refuses a block device on which blkid(8) knows something: a file system, a partition table, a
 * part of an array or of an encrypted disk, the image of a machine that is suspended.  A swap
 * header is none of them: a far device that was active as swap has one, so one that was used before
 * is taken.  Of a device that is in use nothing is said: the kernel says by whom.
 */
enum rc contents_check(const char *what, const char *path);

#endif
