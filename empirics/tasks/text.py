"""Text, character by character: the source of modules of Python's standard library, which is everywhere and differs by version.

What is read is told by a fingerprint, which is part of the configuration and so of every result. The modules of the two splits differ.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from constructions.layers.shapes import choose
from empirics.tasks.difficulty import NO_CLASS, Difficulty
from empirics.tasks.task import IGNORE, Labels, Task, asked_at, integers, next_tokens

__all__ = ["Text", "fingerprint", "read"]

SPLITS = {
    "train": (
        "argparse ast calendar configparser csv dataclasses difflib doctest fractions ftplib inspect locale mailbox optparse pdb "
        "pickle platform pydoc random shutil smtplib statistics subprocess tarfile textwrap threading turtle typing uuid zipfile"
    ),
    "held-out": "bdb cmd datetime gettext heapq imaplib ipaddress socket string trace",
}
"""Modules by split; those that a version keeps as packages or has dropped are left out, and the fingerprint tells."""
CHARACTERS = "\n" + "".join(map(chr, range(32, 127)))
"""Newline and what ASCII prints; everything else in a source is left out."""


@cache
def read(split: str) -> str:
    """The text of a split. ValueError where no source of the standard library is found."""
    parts = []
    for name in SPLITS[split].split():
        spec = find_spec(name)
        path = Path(spec.origin) if spec is not None and spec.origin else Path()
        if path.suffix == ".py" and path.stem == name and path.exists():
            parts.append("".join(c for c in path.read_text(encoding="utf-8") if c in _KNOWN))
    if not parts:
        raise ValueError(f"Text: no source of {SPLITS[split]} is on this machine; use a Python that has its own")
    return "\n".join(parts)


_KNOWN = frozenset(CHARACTERS)


@cache
def fingerprint(split: str) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of a split's text."""
    return hashlib.sha256(read(split).encode()).hexdigest()[:16]


@cache
def _codes(split: str) -> Tensor:
    place = {c: i for i, c in enumerate(CHARACTERS)}
    return torch.tensor([place[c] for c in read(split)])


@dataclass(frozen=True)
class Text(Task):
    """The next character, asked everywhere but at the last. split: "train" or "held-out"."""

    split: str = "train"

    def __post_init__(self) -> None:
        choose("Text", "split", self.split, tuple(SPLITS))

    @property
    def vocabulary(self) -> int:
        return len(CHARACTERS)

    @property
    def classes(self) -> int:
        return len(CHARACTERS)

    @property
    def difficulty(self) -> Difficulty:
        return NO_CLASS

    @property
    def stratum(self) -> str:
        return "characters seen"

    @property
    def shortest(self) -> int:
        return 2

    @property
    def longest(self) -> int | None:
        return len(read(self.split))

    @property
    def guess(self) -> Fraction:
        """The share of the commonest character, in the split."""
        text = read(self.split)
        return Fraction(max(Counter(text).values()), len(text))

    def configuration(self) -> dict[str, Any]:
        return {**super().configuration(), "text": fingerprint(self.split)}

    def draw(self, batch: int, length: int, generator: torch.Generator) -> Tensor:
        codes = _codes(self.split).to(generator.device)
        start = integers(0, len(codes) - length, (batch, 1), generator)
        return codes[start + torch.arange(length, device=start.device)]

    def label(self, tokens: Tensor) -> Labels:
        seen = torch.arange(1, tokens.shape[1] + 1, device=tokens.device)
        return asked_at(seen < tokens.shape[1], next_tokens(tokens), seen)

    def oracle(self, row: Sequence[int]) -> list[int]:
        """ValueError where the row is nowhere in the text."""
        shown = "".join(CHARACTERS[c] for c in row)
        at = read(self.split).index(shown)
        return [CHARACTERS.index(c) for c in read(self.split)[at + 1 : at + len(row)]] + [IGNORE]
