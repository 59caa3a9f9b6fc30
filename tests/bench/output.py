# SPDX-License-Identifier: GPL-2.0-only
"""What the benchmark writes: tables, CSV, Markdown, JSON, and plots by gnuplot.

A plot has panels, in columns if it says so.  A panel shows bars in groups: "group"
and "bar" make the labels from a row, "value" is the column for the height.  If it has
"x", which makes a number from a row, it shows a line for each "bar" instead, which says
more where a value goes with a number; "lost" says of which rows there is none, as what
was measured failed.
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


def height(row, value):
    """What gnuplot is told of a row: the value, the least and the most."""
    return [row[value], row.get(f"{value} min", row[value]), row.get(f"{value} max", row[value])]


def scale_commands(panel, rows):
    value = panel["value"]
    bottom = min((r[value] for r in rows if r[value] > 0), default=1) / 2
    return [
        f"set title {quoted(panel['title'])}", f"set ylabel {quoted(panel.get('unit', value))}",
        "set logscale y" if panel.get("log") else "unset logscale y",
        f"set yrange [{bottom if panel.get('log') else 0}:*]",
    ]


def line_commands(panel, rows, data):
    """Likewise, for a panel of lines.  What was lost is marked on the axis, under its number."""
    value = panel["value"]
    lost = panel.get("lost", lambda row: False)
    lines = unique(panel["bar"](r) for r in rows)
    spread = any(f"{value} min" in r for r in rows)
    plots = []
    with open(data, "w", encoding="utf-8") as f:
        for i, line in enumerate(lines):
            own = sorted((r for r in rows if panel["bar"](r) == line), key=panel["x"])
            for name, of in (("had", [r for r in own if not lost(r)]),
                             ("lost", [r for r in own if lost(r)])):
                if not of:
                    continue
                index = len(plots)
                for row in own:
                    # No number breaks the line.
                    print(panel["x"](row), *(height(row, value) if row in of else ["NaN"] * 3),
                          file=f)
                print("\n", file=f)    # the end of an index of gnuplot's
                if name == "had":
                    kind = "1:2:3:4 with yerrorlines" if spread else "1:2 with linespoints"
                    title = quoted(line)
                else:
                    kind = "1:(bottom) with points"
                    title = quoted(f"{line}: none, {panel['lost text']}")
                plots.append(f"'{data}' index {index} using {kind} lc {i + 1} "
                             f"pt {7 if name == 'had' else 2} title {title}")
    return [
        *scale_commands(panel, [r for r in rows if not lost(r)]),
        f"set xlabel {quoted(panel['xlabel'])}",
        "set logscale x" if panel.get("log x") else "unset logscale x",
        "set xrange [*:*]", "set offsets graph 0.05, graph 0.05, 0, 0", "set xtics norotate auto",
        "set key below",
        f"bottom = {min((r[value] for r in rows if r[value] > 0), default=1) / 2 * 1.05}"
        if panel.get("log") else "bottom = 0",
        "plot " + ", ".join(plots),
    ]


def panel_commands(panel, rows, data):
    """Writes a panel's numbers to the file; gnuplot's commands for it."""
    value = panel["value"]
    rows = [r for r in rows if isinstance(r.get(value), (int, float)) and panel.get("only", bool)(r)]
    if "x" in panel:
        return line_commands(panel, rows, data)
    groups = unique(panel["group"](r) for r in rows)
    bars = unique(panel["bar"](r) for r in rows)
    cells = {(panel["group"](r), panel["bar"](r)): r for r in rows}
    spread = any(f"{value} min" in r for r in rows)
    with open(data, "w", encoding="utf-8") as f:
        for group in groups:
            line = [quoted(group)]
            for bar in bars:
                row = cells.get((group, bar))
                line += ["NaN"] * 3 if row is None else height(row, value)
            print(*line, file=f)
    kind = ("rowstacked" if panel.get("stacked") else
            "errorbars gap 2 lw 1" if spread else "clustered gap 2")
    commands = [
        *scale_commands(panel, rows),
        f"set style histogram {kind}",
        "unset xlabel", "unset logscale x", "unset offsets",
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


def plot(name, panels, rows, out, columns=1, svg=False):
    deep = -(-len(panels) // columns)
    size = f"{1200 if columns == 1 else 800 * columns},{420 * deep}"
    lines = [f"set terminal svg size {500 * columns},{340 * deep} font 'sans-serif,12' noenhanced "
             "background '#ffffff'" if svg else
             f"set terminal pngcairo size {size} font ',11' noenhanced",
             f"set output '{out}/{name}.{'svg' if svg else 'png'}'",
             "set style data histogram", "set style fill solid 0.8 border -1",
             "set boxwidth 0.9 relative", "set grid ytics", "set tics nomirror",
             f"set multiplot layout {deep},{columns}"]
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
        plot(name, panels, plotted, out, 2 if len(panels) > 3 else 1)
