# SPDX-License-Identifier: GPL-2.0-only
"""Boots a virtual machine in which guest.sh measures several sides.

With more than one run the sides take turns, all in the same boot, so that what
else the host does meets them alike; a number is then the median of its runs.
"""

import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))

# Results with these in common are runs of the same thing.
SAME = ("side", "what", "local")


class Failed(Exception):
    """Something could not be measured."""


def progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def merge(results):
    """Medians; "range" holds the least and the most of each number."""
    groups = {}
    for result in results:
        groups.setdefault(tuple(result.get(k) for k in SAME), []).append(result)
    merged = []
    for group in groups.values():
        one = dict(group[0], range={}, runs=len(group))
        for key, value in group[0].items():
            if isinstance(value, (int, float)) and key not in SAME:
                values = [r[key] for r in group]
                one[key] = statistics.median(values)
                one["range"][key] = (min(values), max(values))
        merged.append(one)
    return merged


def measure(family, sides, *, smp=1, icount=False, mem="2G", kernel=None, runs=1, plugin=None,
            **env):
    """Results of the sides, in one boot; upper-case arguments are guest.sh's variables."""
    said = " ".join(f"{k.lower()}={v}" for k, v in env.items())
    progress(f"{family}: {', '.join(sides)} on {smp} CPU{'s' * (smp > 1)} {said}")
    command = [os.path.join(TOP, "tests/vm/run"), "--smp", str(smp), "--mem", mem,
               "--timeout", str(900 + 600 * runs), "--append", "nokaslr brd.rd_size=262144"]
    if icount:
        command.append("--icount")
    if plugin:
        # Idle CPUs that look for work would take their turns.
        command += ["--plugin", plugin, "--append", "nokaslr idle=halt brd.rd_size=262144"]
    if kernel:
        command += ["--kernel", kernel]
    command += ["--", "env"] + [f"{k}={v}" for k, v in env.items()]
    command += ["tests/bench/guest.sh", family, *(list(sides) * runs)]
    results, last = [], []
    with subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace") as process:
        for line in process.stdout:
            if line.startswith("RESULT "):
                result = json.loads(line.split(" ", 1)[1])
                results.append(result)
                kills = result.get("oom_kills", 0)
                progress("   " + " ".join(str(result[k]) for k in SAME if k in result) +
                         (f", ended by the OOM killer: {kills}" if kills else ""))
            else:
                last = [*last[-20:], line]
    if process.returncode or not results:
        raise Failed(f"{' '.join(command)}: exit status {process.returncode}\n{''.join(last)}")
    return merge(results)
