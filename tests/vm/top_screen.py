#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs "mage top" in a pseudo terminal and prints TAP about its screen.

  top_screen.py MAGE CGROUP

The screen is kept by a small interpreter of the sequences that curses sends to
a terminal that can only place the cursor and clear.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

# Cursor addressing, clearing, and nothing to be clever with.
TERMINAL = """mage-test|for tests,
\tam, cols#80, lines#24,
\tclear=\\E[H\\E[2J, cup=\\E[%i%p1%d;%p2%dH, el=\\E[K, ed=\\E[J, home=\\E[H,
\tcr=\\r, ind=\\n, bel=^G,
"""

# Seconds, for what the screen is to show.
PATIENCE = 60 * int(os.environ.get("MAGE_SLOWNESS") or 1)


class Screen:
    def __init__(self, rows, columns):
        self.resize(rows, columns)
        self.pending = ""
        self.scrolled = False

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        # What was drawn for another size may still come, until the screen is cleared.
        self.stale = True
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cells)

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            if self.row + 1 == self.rows:
                self.scrolled |= not self.stale
            else:
                self.row += 1
        elif character == "\b":
            self.column = max(0, self.column - 1)
        elif character >= " ":
            if self.column >= self.columns:
                self.column = 0
                self.put("\n")
            self.cells[self.row][self.column] = character
            self.column += 1

    def command(self, arguments, letter):
        numbers = [int(a) if a.isdigit() else 0 for a in arguments.split(";")]
        if letter == "H":
            numbers = (numbers + [1, 1])[:2]
            self.row = min(max(numbers[0], 1), self.rows) - 1
            self.column = min(max(numbers[1], 1), self.columns) - 1
        elif letter == "K":
            self.cells[self.row][self.column:] = [" "] * (self.columns - self.column)
        elif letter == "J":
            if numbers[0] != 2:
                self.cells[self.row][self.column:] = [" "] * (self.columns - self.column)
            else:
                self.stale = False
            for row in range(0 if numbers[0] == 2 else self.row + 1, self.rows):
                self.cells[row] = [" "] * self.columns

    def feed(self, text):
        text = self.pending + text
        self.pending = ""
        i = 0
        while i < len(text):
            if text[i] != "\033":
                self.put(text[i])
                i += 1
                continue
            end = i + 2
            while end < len(text) and not text[end].isalpha():
                end += 1
            if end >= len(text):
                self.pending = text[i:]
                return
            self.command(text[i + 2:end], text[end])
            i = end + 1


class Top:
    def __init__(self, mage, terminfo, *options):
        self.screen = Screen(24, 80)
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ.update(TERM="mage-test", TERMINFO=terminfo)
            os.environ.pop("LINES", None)
            os.environ.pop("COLUMNS", None)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execv(mage, [mage, "top", *options])

    def resize(self, rows, columns):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, key):
        os.write(self.fd, key.encode())

    def until(self, condition, seconds=PATIENCE):
        """Reads what comes until the condition about the screen holds."""
        end = time.monotonic() + seconds
        while not condition(self.screen):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                return False
            try:
                self.screen.feed(os.read(self.fd, 65536).decode(errors="replace"))
            except OSError:
                return condition(self.screen)
        return True

    def status(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    os.read(self.fd, 65536)
                except OSError:
                    pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        return None


def main():
    mage, cgroup = sys.argv[1:]
    count = failed = 0

    def check(name, good, top=None):
        nonlocal count, failed
        count += 1
        print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)
        if not good:
            failed = 1
            if top:
                print("# " + top.screen.text().replace("\n", "\n# "), flush=True)

    with tempfile.TemporaryDirectory() as terminfo:
        source = os.path.join(terminfo, "source")
        with open(source, "w", encoding="ascii") as file:
            file.write(TERMINAL)
        subprocess.run(["tic", "-o", terminfo, source], check=True)

        top = Top(mage, terminfo, "--interval", "0.2")
        check("the screen shows the domain",
              top.until(lambda s: cgroup in s.text() and "CGROUP" in s.text()), top)
        check("the whole table fits into 80x24",
              top.until(lambda s: "RESC" in s.text() and "q quit" in s.text()), top)
        check("the keys are in the last line", "q quit" in top.screen.text().split("\n")[23], top)
        for rows, columns in (5, 30), (1, 10), (2, 1), (50, 200), (24, 80):
            top.resize(rows, columns)
            check(f"{columns}x{rows}: the screen is drawn anew",
                  top.until(lambda s: s.text().startswith("mage top"[:s.columns])), top)
        check("the table is there again", top.until(lambda s: cgroup in s.text()), top)
        check("a new size clears the screen", top.until(lambda s: not s.stale))
        check("nothing ever scrolled", not top.screen.scrolled)
        for key in "felmpwnx":
            top.press(key)
        top.press("q")
        check("q ends it", top.status() == 0)

        top = Top(mage, terminfo)
        top.until(lambda s: "CGROUP" in s.text())
        os.kill(top.pid, signal.SIGTERM)
        check("SIGTERM ends it, and leaves the terminal in order", top.status() == 0)
    print(f"1..{count}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
