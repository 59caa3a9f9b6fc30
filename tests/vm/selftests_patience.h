/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Before each of the kernel's selftests of cgroups: they look a few times, a second apart, whether
 * others are done, who take longer in a machine that is emulated.
 */
#ifndef SELFTESTS_PATIENCE_H
#define SELFTESTS_PATIENCE_H

#include <unistd.h>

#define sleep(seconds) sleep(5 * (seconds))
#define usleep(microseconds) usleep(5 * (microseconds))

#endif
