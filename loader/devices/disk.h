/* SPDX-License-Identifier: GPL-2.0-only */
/* Block devices that far devices stand on. */
#ifndef MAGE_DEVICES_DISK_H
#define MAGE_DEVICES_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/exit_codes.h"

/* Longest name of a disk, and longest model, with the NUL. */
#define DISK_NAME_LEN 64
#define DISK_MODEL_LEN 96

/* The bytes of a block device.  Reports on behalf of @what if @path is none. */
enum rc disk_size(const char *what, const char *path, uint64_t *bytes);

/*
 * What the disk that has @path calls itself, as in "QEMU NVMe Ctrl" or "dm: cache"; "" if it
 * says nothing.  @sys is where sysfs is mounted.
 */
void disk_model(const char *sys, const char *path, char *model, size_t size);

/*
 * Whether two block devices have a disk in common, below whatever is stacked on it, and its
 * name in @disk, of DISK_NAME_LEN bytes.
 */
bool disks_meet(const char *sys, dev_t one, dev_t other, char *disk);

#endif
