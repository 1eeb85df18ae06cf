"""Counts for the cost benchmark: each tool, and ours, on each layer, every count in a process of its own, tools in turns."""

from __future__ import annotations

import inspect
import math
import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooLong
from typing import Any

import torch
import torch._dynamo  # several tools import it while they count, some of them after having patched torch
from bench_deltaformer_layer import most_resident
from cost_peers import BIG_O, Tool, big_o_fit
from cost_subjects import AT, LAYERS, LINEAR, LOOPS, OPERATIONS, QUADRATIC
from pebble import ProcessExpired, concurrent

from empirics.cost import derive
from empirics.subjects import SUBJECTS, Subject, formulas
from theory.cost.formulas import evaluate, parse

__all__ = ["Row", "alone", "derived", "every_count", "left_out", "sizes_of", "wall_clock"]

LIMIT = 300
"""Seconds by the clock after which a count is given up."""
ENOUGH = 5
"""Seconds above which a count is not repeated."""
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
