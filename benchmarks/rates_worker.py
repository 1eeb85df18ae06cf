"""A process that enumerates for `bench_rates.py`: one request a line on standard input, one answer a line on standard output.

    {"name": ..., "weights": [...], "T": ..., "check": true}  ->  {"seconds", "mib", and with check "count", "digest"} or {"error"}

`mib` is the most memory that the call took above what the process had before, from the kernel's own mark, which is reset before; null
where there is none. Whatever a package prints goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from rates_peers import ENUMERATORS, Enumerator, Set, digest

_STATUS = Path("/proc/self/status")


def _kib(name: str) -> int | None:
    lines = _STATUS.read_text(encoding="ascii").splitlines() if _STATUS.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith(name + ":")), None)


def _reset() -> bool:
    """Set the mark of the most memory to what is held now."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def answered(enumerator: Enumerator, which: Set, check: bool) -> dict[str, Any]:
    marked = _reset()
    held = _kib("VmRSS")
    began = time.process_time()
    found = enumerator.call(which)
    seconds = time.process_time() - began
    most = _kib("VmHWM") if marked else None
    told: dict[str, Any] = {
        "seconds": seconds,
        "mib": None if most is None or held is None else (most - held) / 1024,
    }
    if check:
        rows = enumerator.rows(found, which)
        told |= {"count": len(rows), "digest": digest(rows, which.d)}
    return told


def main() -> None:
    enumerator = next(e for e in ENUMERATORS if e.name == sys.argv[1])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        asked = json.loads(line)
        which = Set(asked["name"], tuple(asked["weights"]), asked["T"])
        try:
            told = answered(enumerator, which, asked["check"])
        except Exception as error:  # a peer's, to be shown as it is
            told = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    main()
