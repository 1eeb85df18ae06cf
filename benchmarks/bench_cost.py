"""The cost module beside the tools people count layers with: what each reports, what it leaves out, and how long it takes.

    python benchmarks/bench_cost.py [--json FILE] [--repeat N] [--tokens N] [--markdown]

Every reference layer and four of torch's own, at N and 2 N tokens, N = 1024 unless given, other sizes small. A tool reports a
number at a size; its growth is log2(number at 2 N / number at N). It tells quadratic from linear attention if the growth is
above 3/2 on every softmax attention and below on every linear one: 3/2 is half way between the two exponents. Ours derives
a formula once, without a size, and its growth is the formula's. Tools count on meta tensors where they can, else on the CPU. big_O,
which times the layer itself, is asked about the attention layers only.

- leaves out: single operations, none of them free, for which a tool reports 0.
- time: CPU seconds of one process per count, imports and a first count of another layer before it; the least of the rounds, tools
  in turns, what takes more than 5 s counted once. Ours for the formula, a peer's for both sizes together, since two numbers are the least that show growth. A ratio is
  ours / theirs, so less is better.
- memory: the most resident memory above what the process held when it began.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import inspect
import json
import math
import multiprocessing
import platform
import sys
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooLong
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch._dynamo  # several tools import it while they count, some of them after having patched torch
from bench_deltaformer_layer import device, most_resident
from cost_peers import BIG_O, TOOLS, Tool, big_o_fit
from cost_subjects import AT, LAYERS, LINEAR, LOOPS, OPERATIONS, QUADRATIC
from pebble import ProcessExpired, concurrent
from rich.console import Console
from rich.table import Table

from empirics.cost import derive
from empirics.subjects import SUBJECTS, Subject, formulas
from theory.cost.formulas import evaluate, parse

LIMIT = 120
"""Seconds after which a count is given up."""
ENOUGH = 5
"""Seconds above which a count is not repeated."""
HALFWAY = 1.5
Row = dict[str, Any]


def sizes_of(subject: Subject, tokens: int) -> dict[str, int]:
    return {name: AT.get(name, tokens) for name in inspect.signature(subject).parameters}


def alone(work: Callable[..., Row], *given: Any) -> Row:
    """What `work` returns in a process of its own, or {"error": why}."""
    context: Any = multiprocessing.get_context("fork")
    try:
        return concurrent.process(timeout=LIMIT, mp_context=context)(work)(*given).result()
    except TooLong:
        return {"error": f"more than {LIMIT} s"}
    except ProcessExpired as error:
        return {"error": f"its process died: {error}"}
    except Exception as error:
        first = (str(error).strip().splitlines() or [""])[0]
        return {"error": f"{type(error).__name__}: {first[:120]}".removesuffix(": ")}


def timed(run: Callable[[], Row], warm: Callable[[], object]) -> Row:
    """The row with CPU seconds of `run` after `warm`, and MiB of resident memory above what the process began with."""
    began = most_resident()
    warm()
    start = time.process_time()
    row = run()
    return {**row, "seconds": time.process_time() - start, "mebibytes": most_resident() - began}


def counted(tool: Tool, subject: Subject, sizes: dict[str, int], where: str) -> Row:
    """A tool's number for a subject, built on the device `where`."""

    def build(of: Subject, at: dict[str, int]) -> float:
        with torch.device(where):
            layer, inputs = of(**at)
        return tool(layer, inputs)

    return timed(lambda: {"count": build(subject, sizes)}, lambda: build(OPERATIONS["nn.Linear"], {"N": 2, "d": 3}))


def derived(subject: Subject, at: list[dict[str, int]]) -> Row:
    """Our formulas, and their values at these sizes."""

    def run() -> Row:
        cost = derive(subject)
        values = [int(evaluate(cost.work, sizes)) for sizes in at]
        matrix = [int(evaluate(cost.matrix_work, sizes)) for sizes in at]
        return {"work": str(cost.work), "counts": values, "matrix_work": matrix}

    return timed(run, lambda: derive(OPERATIONS["nn.Linear"]))


def growth(counts: list[float]) -> float | None:
    """log2 of the ratio of the second to the first; None where one of them is not positive."""
    return math.log2(counts[1] / counts[0]) if min(counts) > 0 else None


def settled(row: Row) -> bool:
    """Whether another round would tell nothing worth its time."""
    return "error" in row or row["seconds"] > ENOUGH


def peer_row(tool: Tool, name: str, tokens: int, before: Row | None) -> Row:
    """The tool on a layer at N and 2 N, on meta where that works; with the least times of this round and the one before."""
    if before and settled(before):
        return before
    row: Row = {"tool": tool.name, "layer": name}
    for where in [before["device"]] if before else ["meta", "cpu"]:
        found = []
        for n in (tokens, 2 * tokens):
            found.append(alone(counted, tool, LAYERS[name], sizes_of(LAYERS[name], n), where))
            if "error" in found[-1]:
                break
        if "error" in found[-1]:
            row["error"] = f"{row['error']}; " if "error" in row else ""
            row["error"] += f"on {where}: {found[-1]['error']}"
            continue
        row.pop("error", None)
        counts, seconds = [f["count"] for f in found], [f["seconds"] for f in found]
        if before:
            seconds = [min(pair) for pair in zip(seconds, before["each_seconds"], strict=True)]
        row |= {"device": where, "counts": counts, "growth": growth(counts), "each_seconds": seconds}
        return row | {"seconds": sum(seconds), "mebibytes": max(f["mebibytes"] for f in found)}
    return row


def our_row(name: str, tokens: int, before: Row | None) -> Row:
    """Ours on a layer, and whether it is the formula derived by hand, where there is one."""
    if before and settled(before):
        return before
    subject = LAYERS[name]
    at = [sizes_of(subject, n) for n in (tokens, 2 * tokens)]
    row = {"tool": "ours", "layer": name, **alone(derived, subject, at)}
    if "error" in row:
        return row
    if before:
        row["seconds"] = min(row["seconds"], before["seconds"])
        row["mebibytes"] = max(row["mebibytes"], before["mebibytes"])
    limit = 20 if name in LOOPS else 1
    row |= {"growth": growth(row["counts"]), "target": f"under {limit} s", "met": row["seconds"] < limit}
    if name in SUBJECTS:
        by_hand = parse(formulas(subject).work)
        row["as_by_hand"] = row["counts"] == [int(evaluate(by_hand, sizes)) for sizes in at]
    return row


def every_count(tools: list[Tool], tokens: int, repeat: int) -> list[Row]:
    """All layers by all tools, in turns, `repeat` rounds."""
    rows: dict[tuple[str, str], Row] = {}
    for turn in range(repeat):
        for name in LAYERS:
            print(f"\rround {turn + 1} of {repeat}: {name:40}", end="", file=sys.stderr, flush=True)
            rows["ours", name] = our_row(name, tokens, rows.get(("ours", name)))
            for tool in tools:
                rows[tool.name, name] = peer_row(tool, name, tokens, rows.get((tool.name, name)))
    print(file=sys.stderr)
    return list(rows.values())


def wall_clock(tokens: int) -> list[Row]:
    """big_O on the attention layers; its class, and the growth between N and 2 N of the curve that it fitted."""
    if BIG_O.absent:
        return []

    def fitted(subject: Subject) -> Row:
        layers = {}

        def run(n: int) -> None:
            if n not in layers:
                layers[n] = subject(**sizes_of(subject, n))
            layer, inputs = layers[n]
            with torch.no_grad():
                layer(*inputs)

        def work() -> Row:
            found, curve = big_o_fit(run, 2 * tokens)
            return {"work": found, "growth": growth([curve(tokens), curve(2 * tokens)])}

        return timed(work, lambda: None)

    return [
        {"tool": BIG_O.name, "layer": name, "device": "cpu", **alone(fitted, LAYERS[name])}
        for name in [*QUADRATIC, *LINEAR]
    ]


def left_out(tools: list[Tool]) -> list[Row]:
    """For each tool, the single operations for which it reports 0, and those at which it fails."""
    rows = []
    at = {"N": 64, "d": 16}
    for tool in [None, *tools]:
        zero, fails = [], {}
        for name, subject in OPERATIONS.items():
            if tool is None:
                found = alone(derived, subject, [at])
                found["count"] = found.get("counts", [0])[0]
            else:
                found = alone(counted, tool, subject, at, "meta")
                if "error" in found:
                    found = alone(counted, tool, subject, at, "cpu")
            if "error" in found:
                fails[name] = found["error"]
            elif not found["count"]:
                zero.append(name)
        rows.append({"tool": tool.name if tool else "ours", "zero": zero, "fails": fails, "of": len(OPERATIONS)})
    return rows


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
    ours, made = by_tool["ours"], []
    for tool in [*tools, *([] if BIG_O.absent else [BIG_O])]:
        theirs = by_tool[tool.name]
        both = [n for n in theirs if "seconds" in theirs[n] and "seconds" in ours[n]]
        spent = [sum(side[name]["seconds"] for name in both) for side in (ours, theirs)]
        made.append(
            {
                "tool": f"{tool.name} {tool.version}",
                "counts": tool.counts,
                "layers": f"{sum('error' not in row for row in theirs.values())} of {len(theirs)}",
                "told_apart": tells_apart(list(theirs.values())),
                **{what: getattr(tool, what) for what in ("span", "memory", "backward", "line")},
                "leaves_out": next((len(row["zero"]) for row in operations if row["tool"] == tool.name), None),
                "seconds": spent[1],
                "ratio": spent[0] / spent[1] if both else None,
            }
        )
    first = {
        "tool": "ours",
        "counts": "every operation, as a formula",
        "layers": f"{sum('error' not in row for row in ours.values())} of {len(ours)}",
        "told_apart": tells_apart(list(ours.values())),
        **dict.fromkeys(("span", "memory", "backward", "line"), "yes"),
        "leaves_out": next(len(row["zero"]) for row in operations if row["tool"] == "ours"),
        "seconds": sum(row.get("seconds", 0) for row in ours.values()),
        "ratio": 1.0,
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
    further = min(seconds[1]) / min(seconds[0])
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
            "what": "under 1 s, with a loop over tokens under 20 s",
            "found": len(ours) - len(slow),
            "met": not slow,
            "not": slow,
        },
        {"what": "resident growth, MiB, under 200", "found": most, "met": most < 200},
        {
            "what": f"seconds for {tokens << 20} tokens / for {tokens}, a loop over tokens",
            "found": further,
            "met": further < HALFWAY,
        },
    ]


def exponent(row: Row) -> str:
    return row["error"] if "error" in row else "none" if row["growth"] is None else f"{row['growth']:.2f}"


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
    "ratio": "ours / its time",
}


def cells(row: Row) -> list[str]:
    def said(name: str) -> str:
        value = row[name]
        if value is None:
            return ""
        return (
            f"{value:.2g} x"
            if name == "ratio"
            else f"{value} of {len(OPERATIONS)}"
            if name == "leaves_out"
            else str(value)
        )

    return [said(name) for name in HEADINGS]


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
    if given.tokens < 128:
        parser.error(f"--tokens {given.tokens}: at least 128, or quadratic terms do not lead")
    torch.set_num_threads(1)
    console = Console(width=None if sys.stdout.isatty() else 200)
    tools = [tool for tool in TOOLS if not tool.absent]
    for tool in (*TOOLS, BIG_O):
        if tool.absent:
            console.print(f"skipped: {tool.name}: {tool.absent}")
    rows = [*every_count(tools, given.tokens, given.repeat), *wall_clock(given.tokens)]
    operations = left_out(tools)
    made, own = summary(rows, operations, tools), checks(rows, given.tokens)
    console.print(f"{device()}, one thread, least of {given.repeat}; N = {given.tokens}, {AT}, batch 1, float32\n")
    print_layers(console, rows, ["ours", *(tool.name for tool in tools), BIG_O.name])
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


def rounded(value: Any) -> Any:
    """The same with four significant digits for every float."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
