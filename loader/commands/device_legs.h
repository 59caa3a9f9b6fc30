/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage device add-leg", "remove-leg", "replace" and "drain". */
#ifndef MAGE_COMMANDS_DEVICE_LEGS_H
#define MAGE_COMMANDS_DEVICE_LEGS_H

#include "base/exit_codes.h"

enum rc cmd_device_add_leg(int argc, char **argv);
enum rc cmd_device_remove_leg(int argc, char **argv);
enum rc cmd_device_replace(int argc, char **argv);
enum rc cmd_device_drain(int argc, char **argv);

#endif
