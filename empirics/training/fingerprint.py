"""Which code computed a result: a hash of the sources that tasks, layers and training are made of."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

__all__ = ["SOURCES", "code_fingerprint"]

SOURCES = (
    "constructions/arrays.py",
    "constructions/layers",
    "empirics/tasks",
    *(
        f"empirics/training/{name}.py"
        for name in (
            *("adam", "built", "copiers", "derived", "evaluation", "flat", "hand_built", "kernels", "loop", "models"),
            *("plan", "radius", "run", "weights"),
        )
    ),
    "theory/permutations.py",
    "theory/position_kernels",
)


@cache
def code_fingerprint() -> str:
    """Sixteen hexadecimal digits of the SHA-256 of their names and texts."""
    root = Path(__file__).resolve().parents[2]
    found = hashlib.sha256()
    for source in SOURCES:
        path = root / source
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found.update(f"{file.relative_to(root).as_posix()}\n".encode())
            found.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()[:16]
