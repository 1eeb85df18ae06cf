"""What a run compared: the log of comparisons of sizes, each with the place in the source that made it.

Loops compare again and again, so for every place, relation and outcome only the comparisons with the least and the greatest
difference of the two sides are kept; they show every threshold that the others show.
"""

from __future__ import annotations

import functools
import itertools
import linecache
import math
import os
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from dis import opname
from types import CodeType, FrameType
from typing import Any

__all__ = ["Comparison", "Log", "Side", "kind_of_file", "place"]

Side = tuple[int | float, Any]
"""A plain number and the tree of its expression, as in `empirics.cost.trees`."""

LOOKUPS = frozenset({"BINARY_SUBSCR", "STORE_SUBSCR", "DELETE_SUBSCR", "BUILD_MAP", "MAP_ADD", "BUILD_CONST_KEY_MAP"})
"""Instructions that compare keys of a dictionary, which decides nothing."""


@dataclass(frozen=True)
class Comparison:
    """`left relation right` came out as `result` at this line; the position tells apart comparisons on one line.

    Expressions are sympy's in size symbols, or None where a part was read off a tensor or came through plain numbers; the
    trees tell how the sides were computed from what was read. A truth test is a comparison `!= 0`. `text` is the source.
    """

    file: str
    line: int
    position: int
    text: str
    left_expr: Any
    relation: str
    right_expr: Any
    left_value: int | float
    right_value: int | float
    result: bool
    left_tree: Any
    right_tree: Any


class Log:
    """The comparisons of one run, in the order in which their places first compared."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int, str, bool], list[tuple[Side, Side]]] = {}
        self._places: dict[tuple[int, int], tuple[CodeType, int, str]] = {}
        self._written: dict[tuple[str, int], str] = {}

    def note_text(self, code: CodeType, line: int, position: int) -> None:
        """A size was written as text here; what the program makes of the text no comparison of sizes shows."""
        self._written.setdefault((code.co_filename, line), linecache.getline(code.co_filename, line).strip())

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines where a size was written as text, as "file:line: source"."""
        return tuple(f"{os.path.basename(file)}:{line}: {text}" for (file, line), text in sorted(self._written.items()))

    def note(
        self,
        code: CodeType,
        line: int,
        position: int,
        left: Side,
        relation: str,
        right: Side,
        result: bool,
        text: str = "",
    ) -> None:
        """`position` is the offset of the instruction in the code, or -1 - k for the k-th test in the source of its
        file, with its text. A comparison with an infinity or with no number is no threshold and is not kept."""
        difference = left[0] - right[0]
        if not -math.inf < difference < math.inf:
            return
        key = (
            id(code),
            position,
            relation,
            result,
        )  # a code object takes long to hash; it is kept, so its id stays its own
        kept = self._kept.get(key)
        if kept is None:
            self._kept[key] = [(left, right), (left, right)]
            self._places.setdefault(key[:2], (code, line, text))
            return
        for k, further in ((0, difference < _gap(kept[0])), (1, difference > _gap(kept[1]))):
            if further:
                kept[k] = (left, right)

    def comparisons(self) -> Iterator[Comparison]:
        """What was kept, with expressions; where a place compared more than once, first the least difference."""
        from empirics.cost.trees import expression

        for (code_id, position, relation, result), (least, greatest) in self._kept.items():
            code, line, text = self._places[code_id, position]
            if relation in ("==", "!=") and position >= 0 and _looks_up(opname[code.co_code[position]], result):
                continue
            text = text or _source(code, line, position)
            for left, right in (least, greatest) if greatest != least else (least,):
                yield Comparison(
                    code.co_filename,
                    line,
                    position,
                    text,
                    expression(left[1]),
                    relation,
                    expression(right[1]),
                    left[0],
                    right[0],
                    result,
                    left[1],
                    right[1],
                )


def _looks_up(instruction: str, result: bool) -> bool:
    """Whether a dictionary compared its keys, which decides nothing; `in` finds a key by an equality that holds."""
    return instruction in LOOKUPS or (instruction == "CONTAINS_OP" and result)


def _gap(sides: tuple[Side, Side]) -> int | float:
    return sides[0][0] - sides[1][0]


def _source(code: CodeType, line: int, position: int) -> str:
    """The source of the instruction where it stands on one line, else its whole line."""
    text = linecache.getline(code.co_filename, line)
    first, last, start, end = next(itertools.islice(code.co_positions(), position // 2, None), (None,) * 4)
    if first is not None and first == last == line and start is not None and end is not None:
        return text.encode()[start:end].decode(errors="replace")
    return text.strip()


INITIALISERS = frozenset({"reset_parameters", "_reset_parameters"})
"""Functions that fill weights with first values: what they compare decides no cost of a run."""


def place(frame: FrameType | None) -> tuple[CodeType, int, int] | None:
    """Code, line and instruction of the innermost frame that decides: one that is not of this package, the standard library
    or a library of numbers. None where torch itself, other than torch.nn, or a checker of annotations is asking."""
    while frame is not None:
        kind = kind_of_file(frame.f_code.co_filename)
        if frame.f_code.co_name in INITIALISERS:
            return None
        if kind == "user":
            return frame.f_code, frame.f_lineno, frame.f_lasti
        if kind == "silent":
            return None
        frame = frame.f_back
    return None


@functools.cache
def kind_of_file(file: str) -> str:
    """ "user": its comparisons count; "through": they are its caller's; "silent": they are nobody's."""
    if file.startswith("<frozen"):
        return "through"
    path = os.path.abspath(file)
    return next((kind for folder, kind in _folders() if path.startswith(folder)), "user")


@functools.lru_cache(maxsize=1)
def _folders() -> list[tuple[str, str]]:
    """Folders and files with their kinds, inner ones first."""
    import importlib.util

    def of(name: str) -> str:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            return os.devnull
        folder, file = os.path.split(os.path.abspath(spec.origin))
        return os.path.join(folder, "" if file.startswith("__init__") else file)

    torch = of("torch")
    plumbing = (("nn", "modules", "module.py"), ("nn", "init.py"))
    known = [(os.path.join(torch, *parts), "silent") for parts in plumbing]
    known += [(os.path.join(torch, "nn", ""), "user"), (torch, "silent")]
    known += [
        (of(name), "silent") for name in ("jaxtyping", "beartype", "typing_extensions", "hypothesis", "theory.cost")
    ]
    known += [(of(name), "through") for name in ("empirics.cost", "numpy", "scipy", "sympy", "mpmath", "networkx")]
    paths = sysconfig.get_paths()
    known += [(os.path.join(paths[k], ""), "user") for k in ("purelib", "platlib")]
    known += [(os.path.join(paths[k], ""), "through") for k in ("stdlib", "platstdlib")]
    return known
