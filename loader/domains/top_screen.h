/* SPDX-License-Identifier: GPL-2.0-only */
/* The terminal of "mage top". */
#ifndef MAGE_DOMAINS_TOP_SCREEN_H
#define MAGE_DOMAINS_TOP_SCREEN_H

#include <stdbool.h>

#include "domains/top_view.h"

/* False if the terminal is none that curses knows. */
bool top_screen_open(void);
void top_screen_close(void);

size_t top_screen_width(void);
void top_screen_draw(const struct top_lines *lines, size_t sort);

/* A key within @milliseconds, 0 if none was pressed, -1 after the window's size changed. */
int top_screen_key(int milliseconds);

#endif
