/* SPDX-License-Identifier: GPL-2.0-only */
/* What is wrong on purpose (--break), so that the program shows that it notices. */
#ifndef TORTURE_BREAK_H
#define TORTURE_BREAK_H

#include <stdbool.h>

struct actor;

void break_choose(const char *name);
bool break_is_chosen(void);
/* From time to time, beside the load. */
void break_some(struct actor *a);
/* Errors are not to be expected any more; what was unreadable is readable. */
void break_calm(void);

#endif
