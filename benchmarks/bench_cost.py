"""The cost module beside the tools people count layers with: what each reports, what it leaves out, and how long it takes.

    python benchmarks/bench_cost.py [--json FILE] [--repeat N] [--tokens N] [--markdown]

Every reference layer, four of torch's own and one with a hidden quadratic term, at N and 2 N tokens, N = 1024 unless given,
other sizes small. A tool reports a number at a size; its growth is log2(number at 2 N / number at N). It tells quadratic from
linear attention if the growth is above 3/2, half way between the two exponents, on every quadratic one and below on every linear
one. Ours derives a formula once, without a size, and its growth is the formula's. Tools count on meta tensors where they can,
else on the CPU. big_O, which times the layer itself, is asked about the attention layers only.

- leaves out: single operations, none of them free, for which a tool reports 0.
- time: CPU seconds of one process per count, imports and a first count of another layer before it; the least of the rounds,
  tools in turns, what takes more than 5 s counted once. Ours for the formula, a peer's for both sizes together, since two
  numbers are the least that show growth. A ratio is ours / theirs, layer by layer, so less is better.
- memory: the most resident memory above what the process held when it began.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import math
import platform
import statistics
import sys
from pathlib import Path

import numpy as np
import torch
from cost_measuring import Row, alone, derived, every_count, left_out, sizes_of, wall_clock
from cost_peers import BIG_O, TOOLS, Tool
from cost_subjects import AT, LAYERS, LINEAR, QUADRATIC
from reporting import device, rounded
from rich.console import Console
from rich.table import Table

HALFWAY = 1.5


def tells_apart(rows: list[Row]) -> str:
    """Whether one tool's growths separate quadratic from linear attention: yes, no, or for which layers."""
    found = {row["layer"]: row.get("growth") for row in rows}
    sides = {name: (found.get(name), name in QUADRATIC) for name in (*QUADRATIC, *LINEAR)}
    wrong = [name for name, (value, above) in sides.items() if value is None or (value > HALFWAY) is not above]
    right = [name for name in QUADRATIC if name not in wrong]
    if not wrong:
        return "yes"
    if not right:
        return "no"
    return f"only for {', '.join(right)}" if len(right) < len(wrong) else f"not for {', '.join(wrong)}"


def summary(rows: list[Row], operations: list[Row], tools: list[Tool]) -> list[Row]:
    """One row a tool: what it counts, whether it tells quadratic from linear, what else it has, time beside ours."""
    by_tool: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_tool.setdefault(row["tool"], {})[row["layer"]] = row
    omissions = {
        row["tool"]: f"{len(row['zero'])} of {row['of']}" + (f", fails at {len(row['fails'])}" if row["fails"] else "")
        for row in operations
    }
    ours, made = by_tool["ours"], []
    for tool in [*tools, *([] if BIG_O.absent else [BIG_O])]:
        theirs = by_tool[tool.name]
        both = [n for n in theirs if "seconds" in theirs[n] and "seconds" in ours[n]]
        ratios = sorted(ours[name]["seconds"] / theirs[name]["seconds"] for name in both)
        made.append(
            {
                "tool": f"{tool.name} {tool.version}",
                "counts": tool.counts,
                "layers": f"{sum('error' not in row for row in theirs.values())} of {len(theirs)}",
                "told_apart": tells_apart(list(theirs.values())),
                **{what: getattr(tool, what) for what in ("span", "memory", "backward", "line")},
                "leaves_out": omissions.get(tool.name, ""),
                "seconds": sum(theirs[name]["seconds"] for name in both),
                "ratio": statistics.median(ratios) if both else None,
                "ratios": [ratios[0], ratios[-1]] if both else None,
            }
        )
    first = {
        "tool": "ours",
        "counts": "every operation, as a formula",
        "layers": f"{sum('error' not in row for row in ours.values())} of {len(ours)}",
        "told_apart": tells_apart(list(ours.values())),
        **dict.fromkeys(("span", "memory", "backward", "line"), "yes"),
        "leaves_out": omissions["ours"],
        "seconds": sum(row.get("seconds", 0) for row in ours.values()),
        "ratio": None,
    }
    return [first, *made]


def checks(rows: list[Row], tokens: int) -> list[Row]:
    """Our own targets: matrix products as FlopCounterMode's, formulas as by hand, time, memory, and no dependence on N."""
    by = {(row["tool"], row["layer"]): row for row in rows}
    ours = {name: by["ours", name] for name in LAYERS if "error" not in by["ours", name]}
    counter = {n: by["FlopCounterMode", n] for n in ours if "counts" in by["FlopCounterMode", n]}
    differ = [n for n, row in counter.items() if row["counts"] != ours[n]["matrix_work"]]
    by_hand = [n for n, row in ours.items() if not row.get("as_by_hand", True)]
    slow = [n for n, row in ours.items() if not row["met"]]
    most = max((row["mebibytes"] for row in ours.values()), default=0.0)
    loop = LAYERS["linear_attention_loop"]
    seconds = [
        [alone(derived, loop, [sizes_of(loop, n)]).get("seconds", math.inf) for _ in range(3)]
        for n in (tokens, tokens << 20)
    ]
    further = min(seconds[1]) / min(seconds[0]) if math.inf not in seconds[0] + seconds[1] else None
    return [
        {"what": f"layers derived, of {len(LAYERS)}", "found": len(ours), "met": len(ours) == len(LAYERS)},
        {
            "what": f"matrix products as FlopCounterMode's, of {len(counter)}",
            "found": len(counter) - len(differ),
            "met": not differ,
            "not": differ,
        },
        {
            "what": "work as derived by hand",
            "found": sum("as_by_hand" in r for r in ours.values()) - len(by_hand),
            "met": not by_hand,
            "not": by_hand,
        },
        {
            "what": "under 1 s, with a loop under 20 s",
            "found": len(ours) - len(slow),
            "met": not slow,
            "not": slow,
        },
        {"what": "resident growth, MiB, under 200", "found": most, "met": most < 200},
        {
            "what": f"seconds for {tokens << 20} tokens / for {tokens}, a loop over tokens, under 1.5",
            "found": further,
            "met": further is not None and further < 1.5,
        },
    ]


def print_layers(console: Console, rows: list[Row], names: list[str]) -> None:
    """Growth by layer and tool, then seconds."""
    by = {(row["tool"], row["layer"]): row for row in rows}
    for title, cell in (
        (
            "growth: log2 of the number at 2 N over that at N; a dash where it fails, 0 where it reports 0",
            lambda r: "-" if "error" in r else "0" if r["growth"] is None else f"{r['growth']:.2f}",
        ),
        (
            "CPU seconds: ours for the formula, theirs for both sizes",
            lambda r: f"{r['seconds']:.3f}" if "seconds" in r else "-",
        ),
    ):
        table = Table(title=title, title_justify="left", box=None)
        for column in ("layer", *names):
            table.add_column(column, justify="left" if column == "layer" else "right")
        for layer in LAYERS:
            table.add_row(layer, *(cell(by[tool, layer]) if (tool, layer) in by else "" for tool in names))
        console.print(table, "")


HEADINGS = {
    "tool": "tool",
    "counts": "counts",
    "layers": "layers",
    "told_apart": "quadratic from linear",
    "leaves_out": "operations left out",
    **{name: name for name in ("span", "memory", "backward", "line")},
    "ratio": "time, ours / its: median (least to most)",
}


def cells(row: Row) -> list[str]:
    told = {**row, "ratio": ""}
    if row["ratio"] is not None:
        middle, least, most = (f"{r:.2g}" if r < 10 else f"{r:.0f}" for r in (row["ratio"], *row["ratios"]))
        told["ratio"] = f"{middle} x ({least} to {most})"
    return [told[name] for name in HEADINGS]


def markdown(made: list[Row]) -> str:
    """The summary as a table of Markdown."""
    lines = [list(HEADINGS.values()), ["---"] * len(HEADINGS), *(cells(row) for row in made)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="The cost module beside tools that count layers.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the same figures there")
    parser.add_argument("--repeat", type=int, default=3, help="rounds; the least time counts (default 3)")
    parser.add_argument("--tokens", type=int, default=1024, metavar="N", help="counted at N and 2 N (default 1024)")
    parser.add_argument("--markdown", action="store_true", help="print the summary as a table of Markdown too")
    given = parser.parse_args()
    if given.repeat < 1:
        parser.error(f"--repeat {given.repeat}: at least 1")
    if given.tokens < 512:
        parser.error(f"--tokens {given.tokens}: at least 512, or quadratic terms do not lead")
    torch.set_num_threads(1)
    console = Console(width=None if sys.stdout.isatty() else 200)
    tools = [tool for tool in TOOLS if not tool.absent]
    for tool in (*TOOLS, BIG_O):
        if tool.absent:
            console.print(f"skipped: {tool.name}: {tool.absent}", markup=False)
    rows = [*every_count(tools, given.tokens, given.repeat), *wall_clock(given.tokens)]
    operations = left_out(tools)
    made, own = summary(rows, operations, tools), checks(rows, given.tokens)
    console.print(f"{device()}, one thread, least of {given.repeat}; N = {given.tokens}, {AT}, batch 1, float32\n")
    print_layers(console, rows, list(dict.fromkeys(row["tool"] for row in rows)))
    for row in rows:
        if "error" in row:
            console.print(f"{row['tool']} fails at {row['layer']}: {row['error']}", markup=False)
    console.print()
    for row in operations:
        fails = "; fails at " + ", ".join(row["fails"]) if row["fails"] else ""
        console.print(
            f"{row['tool']} leaves out {', '.join(row['zero']) or 'nothing'} of {row['of']} operations{fails}",
            markup=False,
        )
    console.print()
    table = Table(*HEADINGS.values(), box=None)
    for row in made:
        table.add_row(*cells(row))
    console.print(table, "")
    for row in own:
        found = f"{row['found']:.3g}" if isinstance(row["found"], float) else row["found"]
        missing = f": not {', '.join(row['not'])}" if row.get("not") else ""
        console.print(f"{'met   ' if row['met'] else 'MISSED'} {row['what']}: {found}{missing}", markup=False)
    if given.markdown:
        print("\n" + markdown(made))
    if given.json:
        versions = {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__}
        versions |= {tool.package: tool.version for tool in (*tools, BIG_O) if not tool.absent}
        told = {
            "benchmark": Path(__file__).stem,
            "device": device(),
            "threads": 1,
            "repeat": given.repeat,
            "versions": versions,
            "sizes": {"batch": 1, "N": [given.tokens, 2 * given.tokens], **AT},
            "results": rows,
            "operations": operations,
            "summary": made,
            "checks": own,
        }
        given.json.write_text(json.dumps(rounded(told), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
