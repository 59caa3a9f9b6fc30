# SPDX-License-Identifier: GPL-2.0-only
"""Names for addresses of the kernel that the benchmark boots, from its System.map."""

import bisect
import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SYSTEM_MAP = os.path.join(TOP, "build/kernel-vm/System.map")


class Symbols:
    """What the map has from _text on, without the areas of each CPU, which are elsewhere."""

    def __init__(self, path=SYSTEM_MAP):
        found = []
        with open(path, encoding="utf-8") as f:
            for line in f:
                address, kind, name = line.split()
                found.append((int(address, 16), kind, name))
        self.by_name = {name: address for address, _, name in found}
        first = self.by_name["_text"]
        found = sorted(s for s in found if s[0] >= first)
        self.text = [(address, name) for address, kind, name in found if kind in "tTwW"]
        self.all = [(address, name) for address, _, name in found]

    @staticmethod
    def _at(symbols, address):
        """Name and offset, None if the address is not between two symbols."""
        i = bisect.bisect_right(symbols, (address, "\x7f")) - 1
        if not 0 <= i < len(symbols) - 1:
            return None
        return symbols[i][1], address - symbols[i][0]

    def function(self, address):
        """The function that an instruction is in."""
        if address < 1 << 63:
            return "(user)"
        found = self._at(self.text, address)
        return found[0] if found else "(BPF)"

    def place(self, address):
        """NAME+OFFSET of something in the kernel's image, None if it is elsewhere."""
        found = self._at(self.all, address)
        return f"{found[0]}+{found[1]:#x}" if found else None

    def range_of(self, name):
        """First address of a function, and the first behind it."""
        first = self.by_name[name]
        i = bisect.bisect_right(self.text, (first, "\x7f"))
        while self.text[i][0] == first:
            i += 1
        return first, self.text[i][0]
