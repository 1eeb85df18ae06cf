"""Sets of multi-indices by this project and by packages that enumerate them; least squares beside numpy's and scipy's.

    python benchmarks/bench_rates.py [--json FILE] [--repeat N] [--markdown] [--quick]

- sets: {s : sum w_i s_i < T}, the blocks of mixed smoothness, asked of every package that offers them; an answer counts only if it is
  that set, row by row. Packages take turns, round by round, each in a process of its own on one thread, after a round that is not
  counted; the least CPU seconds count, as noise only ever adds time. MiB: the most memory that the first call took above what the
  process had, everything being imported and compiled. A call that takes 30 s by the clock is given up.
  ratio: a package's seconds / ours, so more is better.
- dimensions: how far a package gets when d is doubled, all else fixed, within 10 CPU seconds and 2 GiB a call; total degree 2, whose
  set grows as d^2 / 2, and weights 1, 2, ..., d below 24, whose set does not grow beyond d = 23.
- least squares: a design matrix of basis functions a replicate. Ours forms the Gram matrices and factors them at
  once, and knows their eigenvalues then, the least at least 1/2; the others factor each design. deviation: from numpy's coefficients.

A package that is not installed is left out with the reason."""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
import scipy
import scipy.linalg
from pointer_tables import markdown
from rates_peers import ENUMERATORS, OURS, Enumerator, Set
from rates_tables import tables
from reporting import device, rounded
from rich.console import Console
from rich.table import Table

from empirics.rates.basis import Basis
from empirics.rates.least_squares import solve
from theory.takakura_suzuki.refined import first
from theory.takakura_suzuki.smoothness import Power, Smoothness

WORKER = Path(__file__).with_name("rates_worker.py")
SECONDS, MIB = 30, 2048
COMPILING = 300  # seconds to import a package, and for it to compile what it does
SETS = (
    Set("total degree 12, d = 6", (1,) * 6, 13),
    Set("total degree 6, d = 12", (1,) * 12, 7),
    Set("w = 1..8, T = 50", tuple(range(1, 9)), 50),
    Set("w = 1..7, T = 75", tuple(range(1, 8)), 75),
    Set("w = i^2, d = 14, T = 200", tuple(i * i for i in range(1, 15)), 200),
)
TINY = Set("total degree 1, d = 2", (1, 1), 2)
QUICK_SETS = (Set("total degree 4, d = 4", (1,) * 4, 5), Set("w = 1..4, T = 20", (1, 2, 3, 4), 20))
DIMENSIONS = {
    "total degree 2": lambda d: Set(f"total degree 2, d = {d}", (1,) * d, 3),
    "w = 1..d, T = 24": lambda d: Set(f"w = 1..{d}, T = 24", tuple(range(1, d + 1)), 24),
}
LARGEST = 1 << 14
FITS = ((2048, 64, 16), (8192, 256, 4))
Row = dict[str, Any]


class Worker:
    """An enumerator's process, started again after one that was stopped."""

    def __init__(self, enumerator: Enumerator) -> None:
        self.enumerator, self.process = enumerator, None

    def __call__(self, which: Set, check: bool = False, seconds: float = SECONDS) -> Row:
        if self.process is None:
            command = [sys.executable, str(WORKER), self.enumerator.name]
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
        process = self.process
        assert process.stdin is not None
        assert process.stdout is not None
        timer = Timer(seconds, process.kill)
        timer.start()
        try:
            asked = {"name": which.name, "weights": which.weights, "T": which.T, "check": check}
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        finally:
            timer.cancel()
        if line:
            return json.loads(line)
        self.stop()
        return {"error": f"no answer within {seconds:g} s, or its process ended"}

    def stop(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.communicate()


def measured(workers: list[Worker], sets: tuple[Set, ...], repeat: int) -> list[Row]:
    """A row for each set and package that takes it."""
    rows: list[Row] = []
    for which in sets:
        asked = [w for w in workers if w.enumerator.takes(which)]
        first_round = {}
        for worker in asked:
            worker.stop()  # a fresh process, so that what one set left free does not hide what the next one takes
            worker(TINY, seconds=COMPILING)
            first_round[worker.enumerator.name] = worker(which, check=True)
        wanted = first_round[OURS]["digest"]
        taken: dict[str, list[Row]] = {name: [] for name, told in first_round.items() if told.get("digest") == wanted}
        for _ in range(repeat):
            for worker in asked:
                if worker.enumerator.name in taken:
                    taken[worker.enumerator.name].append(worker(which))
        for name, told in first_round.items():
            runs = [run for run in taken.get(name, []) if "seconds" in run]
            row: Row = {"set": which.name, "rows": first_round[OURS]["count"], "package": name}
            best = {"seconds": min(run["seconds"] for run in runs), "mib": told["mib"]} if runs else None
            rows.append(row | (best or {"failed": told.get("error", "another set")}))
    least = {row["set"]: row["seconds"] for row in rows if row["package"] == OURS}
    return [{**row, "ratio": row["seconds"] / least[row["set"]]} if "seconds" in row else row for row in rows]


def reached(workers: list[Worker], largest: int) -> list[Row]:
    """The largest d of 4, 8, 16, ... whose set is right within the limits, and what stopped the next."""
    rows = []
    for name, make in DIMENSIONS.items():
        wanted: dict[int, str] = {}
        for worker in workers:
            if not worker.enumerator.takes(make(4)):
                continue
            row: Row = {"family": name, "package": worker.enumerator.name, "dimension": 0, "stopped": ""}
            worker(TINY, seconds=COMPILING)
            d = 4
            while d <= largest and not row["stopped"]:
                which = make(d)
                told = worker(which)  # once for what is compiled or kept
                told = told if "error" in told else worker(which, check=True)
                if worker.enumerator.name == OURS and "digest" in told:
                    wanted[d] = told["digest"]
                if "error" in told:
                    row["stopped"] = f"d = {d}: {told['error'][:140]}"
                elif told["seconds"] > 10 or (told["mib"] or 0) > MIB:
                    row["stopped"] = f"d = {d}: {told['seconds']:.3g} s, {told['mib'] or 0:.0f} MiB"
                elif d in wanted and told["digest"] != wanted[d]:
                    row["stopped"] = f"d = {d}: another set"
                else:
                    row["dimension"] = d
                    d *= 2
            worker.stop()
            rows.append(row)
    return rows


def least_squares(sizes: tuple[tuple[int, int, int], ...], repeat: int) -> list[Row]:
    """The same designs and observations for all; times of `repeat` rounds in turns, after one that is not counted."""
    rows = []
    for n, N, replicates in sizes:
        draw = np.random.default_rng(0)
        basis = Basis(first(Smoothness("mixed", Power(2)), N))
        phi = basis(draw.random((replicates, n, basis.active)))
        y = phi @ (draw.standard_normal(N) / np.arange(1, N + 1)) + draw.standard_normal((replicates, n))

        def ours(phi: np.ndarray = phi, y: np.ndarray = y) -> np.ndarray:
            turned = phi.swapaxes(1, 2)
            return solve(turned @ phi / len(y[0]), turned @ y[..., None] / len(y[0]))[0][..., 0]

        def each(one: Callable[..., Any], phi: np.ndarray = phi, y: np.ndarray = y, **how: Any) -> np.ndarray:
            return np.stack([one(a, b, **how)[0] for a, b in zip(phi, y, strict=True)])

        sides: dict[str, Callable[[], np.ndarray]] = {
            OURS: ours,
            "numpy.linalg.lstsq": lambda each=each: each(np.linalg.lstsq, rcond=None),
            "scipy.linalg.lstsq, gelsd": lambda each=each: each(scipy.linalg.lstsq, lapack_driver="gelsd"),
            "scipy.linalg.lstsq, gelsy": lambda each=each: each(scipy.linalg.lstsq, lapack_driver="gelsy"),
        }
        found = {name: run() for name, run in sides.items()}
        least = dict.fromkeys(sides, float("inf"))
        for _ in range(repeat):
            for name, run in sides.items():
                began = time.process_time()
                run()
                least[name] = min(least[name], time.process_time() - began)
        other = found["numpy.linalg.lstsq"]
        for name, seconds in least.items():
            deviation = float(np.linalg.norm(found[name] - other) / np.linalg.norm(other))
            what: Row = {"n": n, "N": N, "replicates": replicates, "solver": name, "seconds": seconds}
            rows.append(what | {"ratio": seconds / least[OURS], "deviation": deviation})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Index sets and least squares beside other packages.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the same figures there")
    parser.add_argument("--repeat", type=int, default=5, help="rounds; the least time counts (default 5)")
    parser.add_argument("--markdown", action="store_true", help="print the tables as Markdown too")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs")
    given = parser.parse_args()
    if given.repeat < 1:
        parser.error(f"--repeat {given.repeat}: at least 1")
    load, console = os.getloadavg()[0], Console(width=None if sys.stdout.isatty() else 200)
    console.print(f"{device()}, one thread, least of {given.repeat}\n", markup=False)
    for enumerator in ENUMERATORS:
        if enumerator.absent:
            console.print(f"left out: {enumerator.absent}", markup=False)
    workers = [Worker(enumerator) for enumerator in ENUMERATORS if not enumerator.absent]
    try:
        sets = measured(workers, QUICK_SETS if given.quick else SETS, given.repeat)
        dimensions = reached(workers, 8 if given.quick else LARGEST)
    finally:
        for worker in workers:
            worker.stop()
    fits = least_squares(((512, 8, 2),) if given.quick else FITS, given.repeat)
    for title, lines in tables(sets, dimensions, fits):
        table = Table(*lines[0], title=title, title_justify="left", box=None)
        for line in lines[1:]:
            table.add_row(*line)
        console.print(table, "")
        if given.markdown:
            print(markdown(lines) + "\n")
    if given.json:
        versions = {e.package: e.version for e in ENUMERATORS if not e.absent and e.name != OURS}
        told = {
            "benchmark": Path(__file__).stem,
            "device": device(),
            "threads": 1,
            "load": load,
            "repeat": given.repeat,
            "versions": {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "scipy": scipy.__version__,
                **versions,
            },
            "absent": [e.absent for e in ENUMERATORS if e.absent],
            "sets": sets,
            "dimensions": dimensions,
            "least_squares": fits,
        }
        given.json.write_text(json.dumps(rounded(told), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
