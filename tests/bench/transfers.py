# SPDX-License-Identifier: GPL-2.0-only
"""What transfers_plugin.c has counted: by line, by function, and what follows for more CPUs."""

import collections

# Functions that copy or clear pages; on a real machine the network adapter copies.
COPIES = ("copy_page", "copy_page_regs", "__memcpy", "memcpy_orig", "clear_page_rep",
          "clear_page_orig", "clear_page_erms")
TICK = "asm_sysvec_apic_timer_interrupt"
# The scheduler's balancing and the keeping of time, as far as no tick does it. Part of it goes by
# time, which here runs much faster than instructions, and part by threads that sleep: counted by
# itself.
TIMED = ("sched_balance_", "_nohz_", "nohz_", "kick_ilb", "idle_cpu", "available_idle_cpu",
         "update_load_avg", "__update_load_avg", "update_rq_clock", "task_mm_cid_work", "tick_",
         "cond_tick_broadcast", "timekeeping_", "update_wall_time")
# Kernel addresses of "struct page" (Documentation/arch/x86/x86_64/mm.rst), without KASLR.
VMEMMAP = range(0xffffea0000000000, 0xffffeb0000000000)

# Assumed by project(), not measured: a line comes from another core's cache in 100 ns, whichever
# core that is, and a core executes two instructions a nanosecond.
NS_TRANSFER = 100
NS_INSTRUCTION = 0.5


def write_rules(symbols, path):
    """The plugin's rules: what it does not follow, where interrupts begin, where tasks change."""
    with open(path, "w", encoding="utf-8") as f:
        for name in COPIES:
            first, last = symbols.range_of(name)
            print(f"skip {first:x} {last:x}", file=f)
        print(f"tick {symbols.by_name[TICK]:x}", file=f)
        for name, address in symbols.by_name.items():
            if name.startswith(("asm_exc_", "asm_sysvec_", "asm_common_")) and name != TICK:
                print(f"entry {address:x}", file=f)
        print(f"switch {symbols.by_name['__schedule']:x}", file=f)


class Counted:
    """One stretch; the numbers are transfers, those of TIMED functions only in "timed"."""

    def __init__(self, text, symbols):
        head, *rows = text.splitlines()
        self.broken, _, self.instructions = (int(word) for word in head.split())
        self.symbols = symbols
        self.total = self.writes = self.timed = 0
        self.by_function = collections.Counter()
        self.by_line = collections.Counter()
        self.touchers = collections.defaultdict(collections.Counter)
        for row in rows:
            at, line, reads, writes = row.split()
            at, line, n = int(at, 16), int(line, 16), int(reads) + int(writes)
            function = symbols.function(at)
            if function.startswith(TIMED):
                self.timed += n
                continue
            self.total += n
            self.writes += int(writes)
            self.by_function[function] += n
            self.by_line[line] += n
            self.touchers[line][at] += n

    def name(self, line):
        """A line: its symbol and offset, or else who touched it most."""
        place = self.symbols.place(line)
        if place:
            return place
        (at, _), = self.touchers[line].most_common(1)
        kind = "struct page" if line in VMEMMAP else "memory"
        return f"{kind}, {self.symbols.place(at) or self.symbols.function(at)}"

    def touched_by(self, line, most=3):
        functions = collections.Counter()
        for at, n in self.touchers[line].items():
            functions[self.symbols.function(at)] += n
        return ", ".join(name for name, _ in functions.most_common(most))

    def worst(self, most):
        return self.by_line.most_common(most)

    def project(self, pages, measured, cpus):
        """
        Pages a second, each in and out, on so many CPUs instead of those measured, and what limits
        them.  Of a line that all CPUs touch alike a touch is a transfer if another CPU had it last,
        of N with a chance of 1 - 1/N: all lines are taken for such.  CPUs do nothing else than move
        pages, at the instructions and transfers that a page took; the transfers of one line are one
        after the other.
        """
        more = (1 - 1 / cpus) / (1 - 1 / measured)
        busy = (self.instructions * NS_INSTRUCTION + self.total * more * NS_TRANSFER) / pages
        line = self.worst(1)[0][1] * more * NS_TRANSFER / pages
        rates = {"CPUs": cpus * 1e9 / busy, "worst line": 1e9 / line}
        limit = min(rates, key=rates.get)
        return rates[limit], limit


def read(path, symbols):
    with open(path, encoding="utf-8") as f:
        return [Counted(part, symbols) for part in f.read().split("= ")[1:]]
