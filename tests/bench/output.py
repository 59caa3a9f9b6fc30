# SPDX-License-Identifier: GPL-2.0-only
"""What the benchmark writes: tables, CSV, Markdown, JSON, and plots by gnuplot.

A plot has panels, one below the other.  A panel shows bars in groups: "group"
and "bar" make the labels from a row, "value" is the column for the height.
"""

import csv
import json
import os
import shutil
import subprocess


def folded(row):
    """With the extremes of a number beside it."""
    return {k: f"{v} ({row[k + ' min']} to {row[k + ' max']})" if f"{k} min" in row else str(v)
            for k, v in row.items() if not k.endswith((" min", " max"))}


def texts_of(rows):
    """The cells as texts, the names of the columns first."""
    rows = [folded(row) for row in rows]
    keys = unique(key for row in rows for key in row)
    return [keys, *([row.get(k, "") for k in keys] for row in rows)]


def table(rows):
    lines = texts_of(rows)
    width = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join(text.ljust(w) for text, w in zip(line, width)).rstrip())
    print(flush=True)


def markdown(rows, path):
    head, *lines = texts_of(rows)
    with open(path, "w", encoding="utf-8") as f:
        for line in [head, ["---"] * len(head), *lines]:
            print("| " + " | ".join(line) + " |", file=f)


def unique(values):
    return list(dict.fromkeys(values))


def quoted(text):
    return '"' + str(text).replace('"', "'") + '"'


def panel_commands(panel, rows, data):
    """Writes a panel's numbers to the file; gnuplot's commands for it."""
    value = panel["value"]
    rows = [r for r in rows if isinstance(r.get(value), (int, float)) and panel.get("only", bool)(r)]
    groups = unique(panel["group"](r) for r in rows)
    bars = unique(panel["bar"](r) for r in rows)
    cells = {(panel["group"](r), panel["bar"](r)): r for r in rows}
    spread = any(f"{value} min" in r for r in rows)
    with open(data, "w", encoding="utf-8") as f:
        for group in groups:
            line = [quoted(group)]
            for bar in bars:
                row = cells.get((group, bar))
                if row is None:
                    line += ["NaN"] * 3
                else:
                    line += [row[value], row.get(f"{value} min", row[value]),
                             row.get(f"{value} max", row[value])]
            print(*line, file=f)
    kind = ("rowstacked" if panel.get("stacked") else
            "errorbars gap 2 lw 1" if spread else "clustered gap 2")
    bottom = min((r[value] for r in rows if r[value] > 0), default=1) / 2
    commands = [
        f"set title {quoted(panel['title'])}", f"set ylabel {quoted(panel.get('unit', value))}",
        f"set style histogram {kind}",
        "set logscale y" if panel.get("log") else "unset logscale y",
        f"set yrange [{bottom if panel.get('log') else 0}:*]",
        "set xtics rotate by -25" if len(groups) > 6 else "set xtics norotate",
        # A single bar a group needs no names.
        "unset key" if len(bars) == 1 and "line" not in panel else "set key outside right top",
    ]
    plots = []
    for i, bar in enumerate(bars):
        column = 2 + 3 * i
        using = f"{column}:{column + 1}:{column + 2}" if kind.startswith("errorbars") else column
        plots.append(f"'{data}' using {using}:xtic(1) title {quoted(bar)}")
    if "line" in panel:
        plots.append(f"{panel['line']} with lines lt -1 dt 2 title 'aim'")
    return [*commands, "plot " + ", ".join(plots)]


def plot(name, panels, rows, out):
    height = 420 * len(panels)
    lines = [f"set terminal pngcairo size 1200,{height} font ',11' noenhanced",
             f"set output '{out}/{name}.png'",
             "set style data histogram", "set style fill solid 0.8 border -1",
             "set boxwidth 0.9 relative", "set grid ytics", "set tics nomirror",
             f"set multiplot layout {len(panels)},1"]
    for i, panel in enumerate(panels):
        lines += panel_commands(panel, rows, os.path.join(out, f"{name}-{i}.dat"))
    subprocess.run(["gnuplot"], input="\n".join([*lines, "unset multiplot", ""]), text=True,
                   check=True)


def save(name, title, rows, panels, plotted, out, host):
    keys = unique(key for row in rows for key in row)
    with open(os.path.join(out, f"{name}.csv"), "w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, keys)
        writer.writeheader()
        writer.writerows(rows)
    markdown(rows, os.path.join(out, f"{name}.md"))
    with open(os.path.join(out, f"{name}.json"), "w", encoding="utf-8") as f:
        json.dump({"family": name, "title": title, "machine": host, "rows": rows}, f, indent=1)
    if shutil.which("gnuplot"):
        plot(name, panels, plotted, out)
