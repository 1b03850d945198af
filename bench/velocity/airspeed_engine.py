"""Measures airspeed; README.md says what every one of these programs takes and prints."""

import json
import re
import sys
import time
from math import ceil

import airspeed

template_file, body_file, seconds = sys.argv[1:]
template = airspeed.Template(open(template_file, encoding="utf-8").read())
body = open(body_file, encoding="utf-8").read().strip()
payload = json.loads(body)


def root(path):
    if path != "$":
        raise ValueError(f"no path but $: {path}")


class Parsed:
    def path(self, path):
        root(path)
        return payload


class Parsing:
    def path(self, path):
        root(path)
        return json.loads(body)


class Util:
    special = re.compile(r"""["'\\/]""")

    def escapeJavaScript(self, text):
        return self.special.sub(r"\\\g<0>", text)


util = Util()


def render(reader):
    return template.merge({"input": reader, "util": util})


def shim(reader):
    return util.escapeJavaScript(reader.path("$")["customer"]["name"])


def batch(calls, work):
    begun = time.perf_counter_ns()
    for _ in range(calls):
        work()
    return time.perf_counter_ns() - begun


def warm(work):
    """How many calls fit into a hundredth of the warm-up."""
    calls = spent = 0
    while calls == 0 or spent < float(seconds) * 1e9:
        spent += batch(1, work)
        calls += 1
    return ceil(calls / 100)


def medians(works):
    """The median times of a call in nanoseconds. The works take turns, so that noise meets all of them."""
    sizes = [warm(work) for work in works]
    rounds = [[batch(size, work) / size for size, work in zip(sizes, works)] for _ in range(100)]
    return [f"{sorted(times)[50]:.0f}" for times in zip(*rounds)]


parsed, parsing = Parsed(), Parsing()
works = [lambda: render(parsed), lambda: shim(parsed), lambda: render(parsing), lambda: shim(parsing)]
first, first_shim, second, second_shim = medians(works)
print(f"W5 {first} {first_shim}\nW5-parsing {second} {second_shim}\n")
print(render(parsing), end="")
