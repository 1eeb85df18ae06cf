"""The slot algebra: what one token can do to slots whose keys are codes of single slots, and the shortest programs.

With key r_k a token adds its u to slot k, so a state of m slots is a matrix with a row for each slot, its columns the contents
they held at the start. One token of an algebra replaces one row:

    positive        row k := row k - row w                          kernel values 0, 1; w the code of one slot
    positive-rows   row k := row k - sum of a set of rows           kernel values 0, 1; w any combination with those values
    signed          row k := row k -+ row w                         kernel values -1, 0, 1; w plus or minus one code
    signed-rows     row k := row k - sum of +-1 times rows          kernel values -1, 0, 1; w any combination
    pointer         row k := - row w, or 0 by way of a sink         normalised kernel, the most recent match has all the weight

always with beta = 1. A token that carries a value of its own could only add a constant to what must hold for all contents.
`minimal_program` finds a shortest program that exchanges rows 0 and 1, by breadth-first search over states. Entries need
no bound: the number of tokens bounds them. `through_operator` runs a program by the operator itself. Derived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations, product

import numpy as np

from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Hardmax, Kernel, Rounded
from theory.deltaformer.minimal_programs import ALGEBRAS, Cell

Row = tuple[int, ...]

_VALUES = {"positive-rows": (0, 1), "signed-rows": (-1, 0, 1)}


@dataclass(frozen=True)
class Step:
    """One token: the slot of its key and its write as coefficients of the slots' codes (all zero: the sink)."""

    key: int
    row: Row

    def __str__(self) -> str:
        parts = [
            f"{'-' if x < 0 else '+'}{'' if abs(x) == 1 else f'{abs(x)}*'}{j}" for j, x in enumerate(self.row) if x
        ]
        return f"({self.key}, {''.join(parts).removeprefix('+') or 'sink'})"


@dataclass(frozen=True)
class Algebra:
    """Which writes a token may have. `extra` are further self-weights, for neighbours in which a key counts otherwise.

    Raises ValueError for an unknown name.
    """

    name: str
    extra: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in ALGEBRAS:
            raise ValueError(f"slot algebra {self.name!r}: one of {', '.join(ALGEBRAS)}")

    @property
    def overwrites(self) -> bool:
        """Whether a token replaces its row instead of adding to it."""
        return self.name == "pointer"

    def steps(self, slots: int) -> list[Step]:
        """Every token of m = `slots` slots that does anything: m^2, 2 m^2 or m (values^m - 1) of them."""
        codes = [tuple(int(i == j) for i in range(slots)) for j in range(slots)]
        if self.name in _VALUES:
            rows = [row for row in product(_VALUES[self.name], repeat=slots) if any(row)]
        elif self.name == "signed":
            rows = [tuple(sign * x for x in code) for code in codes for sign in (1, -1)]
        else:
            rows = [*codes, *([(0,) * slots] if self.overwrites else [])]
        made = [Step(key, row) for key in range(slots) for row in rows]
        return made + [
            Step(key, tuple(x * weight for x in codes[key])) for key in range(slots) for weight in self.extra
        ]

    def apply(self, step: Step, state: np.ndarray) -> np.ndarray:
        """States `(..., slots, contents)` after the step."""
        made = state.copy()
        made[..., step.key, :] = self.changed_row(step, state)
        return made

    def changed_row(self, step: Step, state: np.ndarray) -> np.ndarray:
        """Row `step.key` of states `(..., slots, contents)` after the step, `(..., contents)`."""
        row = state[..., step.key, :] * (0 if self.overwrites else 1)
        for slot, weight in enumerate(step.row):
            if weight:
                row = row - (state[..., slot, :] if weight == 1 else weight * state[..., slot, :])
        return row


@dataclass(frozen=True)
class Program:
    """A program of an algebra on two slots, 0 and 1, and temporary ones from 2 on."""

    algebra: Algebra
    slots: int
    steps: tuple[Step, ...]

    def final(self, contents: int) -> np.ndarray:
        """Rows `(slots, contents)` after the program, when content j starts in slot j and further slots are empty."""
        state = np.eye(self.slots, contents, dtype=np.int64)
        for step in self.steps:
            state = self.algebra.apply(step, state)
        return state

    def __str__(self) -> str:
        return " ".join(map(str, self.steps)) or "no token"


CODE_LENGTH = 17


def sign_codes(slots: int) -> np.ndarray:
    """Codes `(slots, 17)` of signs with inner product 17 with themselves and 1 with each other, for at most 16 slots: rows
    of a Hadamard matrix and a coordinate that they share."""
    if not 0 <= slots < CODE_LENGTH:
        raise ValueError(f"sign_codes: {slots} slots; there are {CODE_LENGTH - 1} codes of {CODE_LENGTH} signs")
    rows = np.array([[1]], dtype=np.int64)
    while len(rows) < CODE_LENGTH - 1:
        rows = np.block([[rows, rows], [rows, -rows]])
    return np.concatenate([rows[:slots], np.ones((slots, 1), dtype=np.int64)], axis=1)


def through_operator(program: Program, contents: int, repeats: int = 1) -> np.ndarray:
    """What readers find in each slot, `(slots, contents)`, when the operator runs the program `repeats` times.

    Content j is written into slot j as the unit vector e_j, further slots are written empty. Positive and signed algebras
    run with the rounded kernel on codes that are not orthogonal; pointers with a softmax in its limit, whose keys carry
    their position so that the newest match has the greatest score. Readers have w = code of the slot, a key that
    matches nothing and no value; their u is minus the content. Exact integers.
    """
    slots, steps = program.slots, program.steps * repeats
    kernel: Kernel
    if program.algebra.overwrites:
        sink, junk = np.eye(slots + 2, dtype=np.int64)[slots:]
        codes, kernel = np.eye(slots, slots + 2, dtype=np.int64), Hardmax()
    else:
        codes = sign_codes(slots)
        sink = junk = np.zeros(CODE_LENGTH, dtype=np.int64)
        kernel = Rounded(CODE_LENGTH)
    written = [np.array(step.row) @ codes if any(step.row) else sink for step in steps]
    # The first token is the sink; then writes, which erase nothing; then the program; then readers.
    k = np.stack([sink, *codes, *(codes[step.key] for step in steps), *[junk] * slots])
    w = np.stack([sink, *[sink] * slots, *written, *codes])
    v = np.zeros((len(k), contents), dtype=np.int64)
    v[1 : contents + 1] = np.eye(contents, dtype=np.int64)
    if program.algebra.overwrites:
        time = np.arange(len(k), dtype=np.int64)[:, None]
        k, w = np.concatenate([k, time], axis=1), np.concatenate([w * len(k), time * 0 + 1], axis=1)
    u = operator.solve(k.astype(object), w.astype(object), v.astype(object), kernel=kernel)
    return -u[-slots:]


@dataclass(frozen=True)
class Search:
    """What a search found: a shortest program, or None; the states looked at; whether no state was left to look at, so
    that no program of any length exists."""

    program: Program | None
    states: int
    closed: bool = False


def start_and_goal(cell: Cell) -> tuple[np.ndarray, np.ndarray, int]:
    """Start `(m, c)`, goal `(m, c)`, and how many leading rows must reach it: all when temporaries are clean, else two."""
    slots = 2 + cell.temporaries
    contents = 2 if cell.start == "clean" else slots
    start = np.eye(slots, contents, dtype=np.int8)
    goal = np.zeros_like(start)
    goal[0, 1] = goal[1, 0] = 1
    return start, goal, slots if cell.start == "clean" else 2


@cache
def minimal_program(cell: Cell, longest: int, algebra: Algebra | None = None) -> Search:
    """A shortest program for the cell with at most `longest` tokens, or none.

    Breadth first, states kept once up to a renaming of temporary slots. A state is left out when more rows are wrong than
    tokens remain (a token changes one row), when as many are wrong and no token mends one, or when its rows no longer tell
    the two contents apart (rows only ever become combinations of rows).

    Raises ValueError for a length beyond 60, whose entries might not fit.
    """
    if not 0 <= longest <= 60:
        raise ValueError(f"longest = {longest}: give 0..60 tokens; entries are kept in 64 bits and at most double")
    algebra = algebra or Algebra(cell.algebra)
    start, goal, cared = start_and_goal(cell)
    steps = algebra.steps(len(start))
    growth = max(1 + sum(map(abs, step.row)) for step in steps)
    level = start[None].astype(np.int16 if growth**longest < 2**15 else np.int64)
    seen = _canonical(level, cell)
    history: list[tuple[np.ndarray, np.ndarray]] = []
    looked_at = 1
    for done in range(longest + 1):
        wrong = _wrong(level[:, :cared], goal[:cared], cell)
        reached = np.flatnonzero(~wrong.any(axis=-1))
        if reached.size:
            return Search(_trace(algebra, len(start), steps, history, int(reached[0])), looked_at)
        left = longest - done - 1
        if left < 0:
            break
        level, parents, which = _expand(algebra, steps, level, wrong, goal, cell, left)
        hopeful = _hopeful(algebra, steps, level, goal, cared, cell, left)
        fresh, seen = _unseen(_canonical(level[hopeful], cell), seen)
        kept = hopeful[fresh]
        level = level[kept]
        history.append((parents[kept], which[kept]))
        looked_at += len(level)
        if not len(level):
            return Search(None, looked_at, closed=left > cared)
    return Search(None, looked_at)


def _wrong(rows: np.ndarray, goal: np.ndarray, cell: Cell) -> np.ndarray:
    """Which rows `(..., rows, contents)` are not at their goal, nor, where signs are free, at minus it."""
    off = (rows != goal).any(axis=-1)
    return off & (rows != -goal).any(axis=-1) if cell.signs == "free" else off


def _expand(
    algebra: Algebra, steps: list[Step], level: np.ndarray, wrong: np.ndarray, goal: np.ndarray, cell: Cell, left: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All states one step on that could still reach the goal in `left` more: states, their parents, their steps."""
    off, cared = wrong.sum(axis=-1), wrong.shape[-1]
    states, parents, which = [], [], []
    for index, step in enumerate(steps):
        row = algebra.changed_row(step, level)
        after = off
        if step.key < cared:
            after = off - wrong[:, step.key] + _wrong(row, goal[step.key], cell)
        kept = np.flatnonzero(after <= left)
        made = level[kept]
        made[:, step.key] = row[kept]
        spanning = _spans(made)
        states.append(made[spanning])
        parents.append(kept[spanning])
        which.append(np.full(int(spanning.sum()), index))
    return np.concatenate(states), np.concatenate(parents), np.concatenate(which)


def _hopeful(
    algebra: Algebra, steps: list[Step], level: np.ndarray, goal: np.ndarray, cared: int, cell: Cell, left: int
) -> np.ndarray:
    """Indices of the states that are not lost: as many rows wrong as tokens are left asks the next token to mend one."""
    wrong = _wrong(level[:, :cared], goal[:cared], cell)
    tight = np.flatnonzero(wrong.sum(axis=-1) == left)
    if not left or not tight.size:
        return np.arange(len(level))
    states, mendable = level[tight], np.zeros(len(tight), dtype=bool)
    for step in steps:
        if step.key < cared:
            mended = ~_wrong(algebra.changed_row(step, states), goal[step.key], cell)
            mendable |= mended & wrong[tight, step.key]
    kept = np.ones(len(level), dtype=bool)
    kept[tight[~mendable]] = False
    return np.flatnonzero(kept)


def _spans(states: np.ndarray) -> np.ndarray:
    """Whether contents 0 and 1 are still told apart: the first two columns have a minor that is not zero."""
    x, y = states[:, :, 0].astype(np.int64), states[:, :, 1].astype(np.int64)
    found = np.zeros(len(states), dtype=bool)
    for i, j in combinations(range(states.shape[1]), 2):
        found |= x[:, i] * y[:, j] != x[:, j] * y[:, i]
    return found


def _canonical(states: np.ndarray, cell: Cell) -> np.ndarray:
    """One `(states, words)` array of 64-bit words, equal for states that differ by a renaming of temporary slots."""
    best: np.ndarray | None = None
    for order in permutations(range(2, 2 + cell.temporaries)):
        slots = [0, 1, *order]
        renamed = states[:, slots] if cell.start == "clean" else states[:, slots][:, :, slots]
        words = _words(renamed.reshape(len(states), states.shape[1] * states.shape[2]))
        if best is None:
            best = words
            continue
        smaller, equal = np.zeros(len(states), dtype=bool), np.ones(len(states), dtype=bool)
        for column in range(words.shape[1]):
            smaller |= equal & (words[:, column] < best[:, column])
            equal &= words[:, column] == best[:, column]
        best = np.where(smaller[:, None], words, best)
    assert best is not None
    return best


def _words(flat: np.ndarray) -> np.ndarray:
    """Rows of integers as rows of 64-bit words, injectively."""
    wide = np.zeros((len(flat), -(-flat.shape[1] // 4) * 4), dtype=np.int16)
    if flat.dtype != np.int16:
        return flat.astype(np.int64)
    wide[:, : flat.shape[1]] = flat
    return wide.view(np.int64)


def _unseen(words: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the rows that are new, each once, and all rows seen. Sorting by columns, hence exact."""
    both = np.concatenate([seen, words])
    names = np.zeros(len(both), dtype=np.int64)
    for column in both.T:
        _, names_of_column = np.unique(column, return_inverse=True)
        _, names = np.unique(names * (int(names_of_column.max(initial=0)) + 1) + names_of_column, return_inverse=True)
    _, first = np.unique(names, return_index=True)
    fresh = np.sort(first[first >= len(seen)]) - len(seen)
    return fresh, np.concatenate([seen, words[fresh]])


def _trace(
    algebra: Algebra, slots: int, steps: list[Step], history: list[tuple[np.ndarray, np.ndarray]], at: int
) -> Program:
    """The program that led to state `at` of the last level."""
    taken: list[Step] = []
    for parents, which in reversed(history):
        taken.append(steps[which[at]])
        at = int(parents[at])
    return Program(algebra, slots, tuple(reversed(taken)))
