/* SPDX-License-Identifier: GPL-2.0-only */
/* Where what belongs to this program lies. */
#ifndef MAGE_BASE_INSTALL_H
#define MAGE_BASE_INSTALL_H

#include <limits.h>
#include <stdbool.h>

#define INSTALLED_FOLDER "/usr/lib/mage"

/*
 * What lies at @relative ("../policies") to the folder of this program, as it does in the tree that
 * it was built in; false if nothing does.
 */
bool beside_program(const char *relative, char path[PATH_MAX]);

/*
 * Where @name ("policies", "bpf") is installed: in lib/mage below the prefix that this program was
 * installed with, or in INSTALLED_FOLDER if there is none. It need not exist.
 */
void installed_folder(const char *name, char path[PATH_MAX]);

#endif
