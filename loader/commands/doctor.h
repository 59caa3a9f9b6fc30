/* SPDX-License-Identifier: GPL-2.0-only */
/* "mage doctor". */
#ifndef MAGE_COMMANDS_DOCTOR_H
#define MAGE_COMMANDS_DOCTOR_H

#include "base/exit_codes.h"

enum rc cmd_doctor(int argc, char **argv);

#endif
