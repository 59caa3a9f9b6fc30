// SPDX-License-Identifier: GPL-2.0-only
#include <locale.h>
#include <stdio.h>

#include <curses.h>

#include "domains/top_screen.h"

static SCREEN *screen;

bool top_screen_open(void)
{
	setlocale(LC_CTYPE, "");
	/* Not initscr(): that one exits by itself when it does not know the terminal. */
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return false;
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	return true;
}

void top_screen_close(void)
{
	endwin();
	delscreen(screen);
	screen = NULL;
}

size_t top_screen_width(void)
{
	return (size_t)COLS;
}

static void draw_keys(size_t sort)
{
	move(LINES - 1, 0);
	clrtoeol();
	addnstr("q quit; sort:", COLS - 1);
	for (size_t i = 0; i < nr_top_keys; i++) {
		char text[32];

		snprintf(text, sizeof(text), " %c %s", top_keys[i].key, top_keys[i].name);
		if (i == sort)
			attron(A_BOLD | A_UNDERLINE);
		/* The last column stays free: writing there would scroll. */
		addnstr(text, COLS - 1 - getcurx(stdscr));
		attroff(A_BOLD | A_UNDERLINE);
	}
}

void top_screen_draw(const struct top_lines *lines, size_t sort)
{
	/* In a window of one line there is room for the summary only. */
	int rows = LINES < 2 ? LINES : LINES - 1;

	erase();
	for (size_t i = 0; i < lines->nr && (int)i < rows; i++) {
		if (i == lines->header)
			attron(A_REVERSE);
		mvaddnstr((int)i, 0, lines->line[i], COLS);
		attroff(A_REVERSE);
	}
	if (rows < LINES)
		draw_keys(sort);
	refresh();
}

int top_screen_key(int milliseconds)
{
	int key;

	timeout(milliseconds);
	key = getch();
	if (key == ERR)
		return 0;
	return key == KEY_RESIZE ? -1 : key;
}
