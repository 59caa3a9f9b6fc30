/* SPDX-License-Identifier: GPL-2.0-only */
/* Where what belongs to this program lies. */
#ifndef MAGE_BASE_INSTALL_H
#define MAGE_BASE_INSTALL_H

#include <limits.h>
#include <stdbool.h>

#define INSTALLED_FOLDER "/usr/lib/mage"

/* The folder @name of the tree that this program was built in; false if there is none. */
bool built_folder(const char *name, char path[PATH_MAX]);

#endif
