#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Check what "mage metrics" prints: metrics_check.py FILE [DASHBOARD].

The text is read by Prometheus' own client library for Python, and held against the rules that
promtool checks: https://prometheus.io/docs/practices/naming/.  What a DASHBOARD asks for has to be
there.  promtool itself is asked, too, about both, on a machine that has it (package prometheus).
Prints what is wrong, a line each; the exit status says whether anything was.  The library is
Debian's, and so is the interpreter.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile

from prometheus_client.parser import text_string_to_metric_families

UNITS = ("seconds", "bytes")
OTHER_UNITS = re.compile(r"_(ns|ms|us|nanoseconds|milliseconds|kib|mib|kilobytes|minutes)(_|$)")


def of_a_family(text, family):
    """What is wrong with one metric."""
    name = family.name
    if not re.fullmatch(r"mage_[a-z][a-z0-9_]*", name):
        yield "its name is not one of Mage's"
    if not family.documentation:
        yield "it has no help"
    if family.type not in ("counter", "gauge", "histogram"):
        yield f"its type is {family.type}"
    if family.type == "counter" and f"# TYPE {name}_total counter\n" not in text:
        yield "it is a counter, and does not end in _total"
    if family.type != "counter" and name.endswith(("_total", "_count", "_sum", "_bucket")):
        yield "it ends as others do"
    if OTHER_UNITS.search(name):
        yield f"its unit is none of {UNITS}"
    if name.endswith("_info") and any(sample.value != 1 for sample in family.samples):
        yield "it is information, and not 1"
    seen = set()
    for sample in family.samples:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        if key in seen:
            yield f"{key} is there twice"
        seen.add(key)
        if sample.value < 0 or sample.value != sample.value:
            yield f"{key} is {sample.value}"


def of_a_histogram(family):
    series = {}
    for sample in family.samples:
        labels = dict(sample.labels)
        bound = labels.pop("le", None)
        part = series.setdefault(tuple(sorted(labels.items())), {"buckets": []})
        if sample.name.endswith("_bucket"):
            part["buckets"].append((float(bound), sample.value))
        else:
            part[sample.name.rsplit("_", 1)[1]] = sample.value
    for labels, part in series.items():
        bounds = [bound for bound, _ in part["buckets"]]
        counts = [count for _, count in part["buckets"]]
        if bounds != sorted(set(bounds)) or bounds[-1] != float("inf"):
            yield f"{labels}: its bounds are {bounds}"
        if counts != sorted(counts) or counts[-1] != part.get("count"):
            yield f"{labels}: its buckets are {counts}, of {part.get('count')}"
        if (part.get("sum", -1) > 0) != (counts[-1] > 0):
            yield f"{labels}: its sum is {part.get('sum')}"


def together(text):
    """All lines of a metric follow its TYPE."""
    now, kind = None, None
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            now, kind = line.split()[2:4]
        elif line and not line.startswith("#"):
            name = re.match(r"[a-z0-9_]+", line).group()
            if kind == "histogram":
                name = re.sub(r"_(bucket|sum|count)$", "", name)
            if name != now:
                yield f"{name} is among the lines of {now}"


def expressions(path):
    """What a dashboard asks for, each with the title of its panel."""
    with open(path) as f:
        for panel in json.load(f)["panels"]:
            for target in panel["targets"]:
                yield panel["title"], target["expr"]


def of_the_dashboard(path, names):
    for title, expression in expressions(path):
        for name in re.findall(r"mage_[a-z0-9_]+", expression):
            if re.sub(r"_bucket$", "", name) not in names:
                yield f"{path}: {title}: there is no {name}"


def promtool(*what, text=None):
    """The lines that it has to say."""
    done = subprocess.run(["promtool", "check", *what], input=text, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        yield f"promtool check {what[0]}: exit status {done.returncode}"
        yield from done.stdout.splitlines()


def promtool_of_the_dashboard(path):
    """It reads expressions in files of rules, of which JSON is one form; Grafana fills in the rest."""
    rules = [{"record": f"panel:{n}",
              "expr": expression.replace("$__rate_interval", "1m").replace("$", "")}
             for n, (_, expression) in enumerate(expressions(path))]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as f:
        json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, f)
        f.flush()
        yield from promtool("rules", f.name)


def main():
    with open(sys.argv[1]) as f:
        text = f.read()
    wrong = [] if text.endswith("\n") else ["it does not end with a line"]
    names = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    for family in text_string_to_metric_families(text):
        wrong += [f"{family.name}: {what}" for what in of_a_family(text, family)]
        if family.type == "histogram":
            wrong += [f"{family.name}: {what}" for what in of_a_histogram(family)]
    wrong += together(text)
    for path in sys.argv[2:]:
        wrong += of_the_dashboard(path, names)
    if shutil.which("promtool"):
        wrong += promtool("metrics", text=text)
        for path in sys.argv[2:]:
            wrong += promtool_of_the_dashboard(path)
    if len(names) < 30:
        wrong.append(f"there are {len(names)} metrics only")
    print("\n".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
