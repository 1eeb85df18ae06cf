"""Minimal programs: the two impossibility arguments, the table searched anew, and its programs run by the operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from constructions.deltaformer.slot_algebra import (
    Algebra,
    Program,
    Step,
    minimal_program,
    start_and_goal,
    through_operator,
)
from empirics.checking import Check, Evidence, check, control, fails, holds
from theory.deltaformer import minimal_programs as claims
from theory.deltaformer.minimal_programs import ALGEBRAS, MINIMAL, SEARCHED, Cell, Table, cells


def _blocks(rows: Any, columns: Any) -> list[list[Any]]:
    """The product of two 2 x 2 matrices of blocks, expanded in non-commuting symbols."""
    import sympy

    return [
        [sympy.expand(sum((rows[i][m] * columns[m][j] for m in range(2)), sympy.Integer(0))) for j in range(2)]
        for i in range(2)
    ]


def _own_weight_factor(weight: Any) -> Any:
    """The determinant of a token as the claim has it."""
    return 1 - weight


@check(claims.no_temporary, "derived", covers=True, scope={"sizes": "all n and lengths", "method": "block identities"})
def a_token_never_turns_orientation(factor: Callable[[Any], Any] = _own_weight_factor, heaviest: int = 1) -> Evidence:
    """det(I - k w) = 1 - w k by two block factorisations of one matrix, and it is not negative up to `heaviest`."""
    import sympy

    k, w = sympy.symbols("k w", commutative=False)
    one, zero = sympy.Integer(1), sympy.Integer(0)
    middle = [[one, k], [w, one]]
    first = _blocks([[one, zero], [w, one]], [[one, k], [zero, factor(w * k)]])
    second = _blocks([[one - k * w, k], [zero, one]], [[one, zero], [w, one]])
    for name, found in (("lower times upper", first), ("upper times lower", second)):
        if found != middle:
            return fails(f"the factorisation {name} gives {found}", middle, found)
    least = factor(Fraction(heaviest))
    if least < 0:
        return fails(f"one token of own weight {heaviest} has determinant {least}, as a swap has", ">= 0", least)
    return holds(cases=3)


control(
    a_token_never_turns_orientation,
    "own-weight-2",
    "refuted",
    heaviest=2,
    reason="a reflection: determinant 1 - 2, what Theorem A uses",
)
control(
    a_token_never_turns_orientation,
    "sign-of-the-factor",
    "refuted",
    factor=lambda weight: 1 + weight,
    reason="det(I + k w), not det(I - k w)",
)
control(
    a_token_never_turns_orientation,
    "own-weight-at-most-0",
    "confirmed",
    heaviest=0,
    reason="a narrower hypothesis: tokens that do not see their own slot",
)


def _all_products(algebra: Algebra, slots: int, longest: int) -> Iterator[tuple[int, np.ndarray, list[Step]]]:
    """(length, all token products of that length `(steps^length, slots, slots)`, the steps)."""
    steps = algebra.steps(slots)
    tokens = np.stack([algebra.apply(step, np.eye(slots, dtype=np.int64)) for step in steps])
    made = np.eye(slots, dtype=np.int64)[None]
    for length in range(1, longest + 1):
        made = (tokens[None] @ made[:, None]).reshape(-1, slots, slots)
        yield length, made, steps


def _odd_permutations(n: int) -> np.ndarray:
    from itertools import permutations

    from theory.permutations import sign

    return np.stack([np.eye(n, dtype=np.int64)[list(p)] for p in permutations(range(n)) if sign(p) < 0])


def _no_odd_permutation(case: tuple[str, int, int], contents: int, extra: tuple[int, ...], even: bool) -> Evidence:
    name, slots, longest = case
    algebra = Algebra(name, extra)
    goals = np.eye(contents, dtype=np.int64)[None] if even else _odd_permutations(contents)
    decided = 0
    for length, made, steps in _all_products(algebra, slots, longest):
        found = (made[:, None, :contents, :contents] == goals).all(axis=(2, 3)).any(axis=1)
        if found.any():
            index = int(np.flatnonzero(found)[0])
            taken = []
            for _ in range(length):
                index, which = divmod(index, len(steps))
                taken.append(steps[which])
            program = Program(algebra, slots, tuple(reversed(taken)))
            return fails(
                f"{name}: {program} makes {'the identity' if even else 'an odd permutation'} of {contents} slots"
            )
        decided += len(made)
    return holds(cases=decided)


@check(
    claims.no_temporary,
    "exhausted",
    given=lambda run: {
        "case": [
            ("positive-rows", 2, 6),
            ("signed-rows", 2, 4),
            ("positive-rows", 3, 3),
            ("signed-rows", 3, run.pick(2, 3)),
        ]
    },
    scope={"sizes": "n = 2, 3; up to 6 tokens", "method": "every program, nothing left out"},
)
def no_short_program_without_temporary(
    case: tuple[str, int, int], extra: tuple[int, ...] = (), even: bool = False
) -> Evidence:
    """Every product of tokens of n slots, compared with every odd permutation."""
    return _no_odd_permutation(case, case[1], extra, even)


def _adjugate(own: Any, outer: Any) -> Any:
    """The adjugate of I - k w, given w k and k w, as the claim has it."""
    return 1 - own + outer


@check(claims.one_temporary, "derived", covers=True, scope={"sizes": "all n and lengths", "method": "matrix identity"})
def minors_never_turn_negative(
    adjugate: Callable[[Any, Any], Any] = _adjugate, weights: tuple[int, int] = (0, 1)
) -> Evidence:
    """(I - k w) adj = (1 - w k) I with w k a scalar; and no entry of adj is negative for weights in `weights`."""
    import sympy

    k, w = sympy.symbols("k w", commutative=False)
    own = sympy.Symbol("own")
    residual = sympy.expand((1 - k * w) * adjugate(own, k * w) - (1 - own))
    residual = sympy.expand(residual.subs(k * w * k * w, own * k * w))
    if residual != 0:
        return fails(f"(I - k w) adj - (1 - w k) I = {residual}", 0, residual)
    # Entry (i, j) of adj for k = e_k: (1 - w_k) [i = j] + [i = k] w_j, linear in w, so its ends decide.
    for w_key, w_other in product(weights, repeat=2):
        for entry, value in (
            ("off the key's row and column", adjugate(w_key, 0)),
            ("at the key", adjugate(w_key, w_key)),
            ("in the key's row", adjugate(w_key, w_other) - adjugate(w_key, 0)),
        ):
            if value < 0:
                words = f"own weight {w_key}, other weight {w_other}: the entry {entry} is {value}"
                return fails(words, ">= 0", value)
    return holds(cases=1 + 3 * 4)


control(
    minors_never_turn_negative,
    "own-weight-2",
    "refuted",
    weights=(0, 2),
    reason="1 - 2 is negative on the diagonal",
)
control(
    minors_never_turn_negative,
    "signed-weights",
    "refuted",
    weights=(-1, 1),
    reason="a negative weight subtracts minors, and then one temporary slot is enough",
)
control(
    minors_never_turn_negative,
    "sign-of-the-adjugate",
    "refuted",
    adjugate=lambda own, outer: 1 - own - outer,
    reason="(I - k w)(I - k w) is not a multiple of I",
)
control(
    minors_never_turn_negative,
    "half-weights",
    "confirmed",
    weights=(Fraction(0), Fraction(1, 2)),
    reason="a narrower range of weights",
)


@check(
    claims.one_temporary,
    "exhausted",
    given=lambda run: {"case": [("positive-rows", 3, run.pick(4, 5)), ("positive", 4, run.pick(4, 5))]},
    scope={"sizes": "n = 2, 3; up to 4 tokens", "method": "every program, nothing left out"},
)
def no_short_program_with_one_temporary(
    case: tuple[str, int, int], extra: tuple[int, ...] = (), even: bool = False
) -> Evidence:
    """Every product of tokens of n + 1 slots, the last temporary; the rows of the n slots against every odd permutation."""
    return _no_odd_permutation(case, case[1] - 1, extra, even)


control(
    no_short_program_without_temporary,
    "own-weight-2",
    "refuted",
    extra=(2,),
    reason="a token that reflects its row has determinant -1",
)
control(
    no_short_program_without_temporary,
    "own-weight-minus-1",
    "confirmed",
    extra=(-1,),
    reason="a row doubled: determinant 2, still not negative",
)
control(
    no_short_program_with_one_temporary,
    "identity-too",
    "refuted",
    even=True,
    reason="emptying the temporary slot leaves the others alone, and that is an even permutation",
)
control(
    no_short_program_with_one_temporary,
    "tokens-twice",
    "confirmed",
    extra=(1,),
    symmetry="the token that empties its own slot is listed twice",
)


def _edited(algebra: str, start: str, signs: str, change: Callable[[int | None], int | None]) -> Table:
    key = (algebra, start, signs)
    return {**MINIMAL, key: tuple(map(change, MINIMAL[key]))}


def _searched(cell: Cell, table: Table, extra: tuple[int, ...]) -> Evidence:
    """The cell searched up to the length the table gives it, or up to the bound where it gives none."""
    claimed = table[cell.algebra, cell.start, cell.signs][cell.temporaries]
    bound = SEARCHED[cell.algebra] if claimed is None else claimed
    found = minimal_program(cell, bound, Algebra(cell.algebra, extra))
    if found.program is not None and len(found.program.steps) != claimed:
        return fails(
            f"{cell}: {found.program} has {len(found.program.steps)} tokens", claimed, len(found.program.steps)
        )
    if found.program is None and claimed is not None:
        return fails(f"{cell}: no program of at most {claimed} tokens", claimed, "none")
    if found.program is None and cell.algebra == "pointer" and not found.closed:
        return fails(f"{cell}: states are left after {bound} tokens", "none at any length", "none so far")
    return holds(cases=found.states)


def _run(cell: Cell, table: Table, dropped: int) -> Evidence:
    """The cell's program, found anew, run by the operator once and twice and read back."""
    claimed = table[cell.algebra, cell.start, cell.signs][cell.temporaries]
    if claimed is None:
        return holds(cases=0)
    program = minimal_program(cell, claimed).program
    if program is None:
        return fails(f"{cell}: no program of at most {claimed} tokens", claimed, "none")
    program = Program(program.algebra, program.slots, program.steps[dropped:])
    start, goal, cared = start_and_goal(cell)
    for repeats, wanted in ((1, goal), (2, start)):
        read = through_operator(program, start.shape[1], repeats)
        compared = abs(read) if cell.signs == "free" else read
        if (compared[:cared] != wanted[:cared]).any():
            times = "once" if repeats == 1 else "twice"
            return fails(
                f"{cell}: {program}, run {times}, leaves {read[:cared].tolist()}", wanted.tolist(), read.tolist()
            )
    return holds(cases=2)


SIZES = "two slots; 0, 1, 2 and, where a row has it, 3 temporaries"


def _table_checks(claim: Any, algebras: tuple[str, ...], sizes: str) -> tuple[Check, Check]:
    """The two checks of a table: the search of every cell, and its programs through the operator."""
    listed = list(cells(*algebras))

    def searched(cell: Cell, table: Table = MINIMAL, extra: tuple[int, ...] = ()) -> Evidence:
        """Breadth-first search of each cell: a program of the length claimed, none shorter; none where none is claimed."""
        return _searched(cell, table, extra)

    def run_by_the_operator(cell: Cell, table: Table = MINIMAL, dropped: int = 0) -> Evidence:
        """Each cell's program through the operator: contents exchanged after one run, back after two."""
        return _run(cell, table, dropped)

    scope = {
        "sizes": sizes,
        "method": "breadth-first search over states up to renaming of temporaries; no bound on entries",
    }
    ran = {"sizes": sizes, "evaluation": "rounded kernel on codes that are not orthogonal; hard limit of softmax"}
    return (
        check(claim, "exhausted", given={"cell": listed}, scope=scope, covers=True)(searched),
        check(claim, "exhausted", given={"cell": [c for c in listed if c.temporaries < 3]}, scope=ran)(
            run_by_the_operator
        ),
    )


non_negative_searched, non_negative_run = _table_checks(claims.non_negative_table, ALGEBRAS[:2], SIZES)
signed_searched, signed_run = _table_checks(claims.signed_table, ALGEBRAS[2:4], SIZES)
pointer_searched, pointer_run = _table_checks(claims.pointer_table, ALGEBRAS[4:], SIZES)

_EDITS = {
    non_negative_searched: (non_negative_run, ("positive", "clean", "exact")),
    signed_searched: (signed_run, ("signed", "clean", "exact")),
    pointer_searched: (pointer_run, ("pointer", "dirty", "exact")),
}

for _search, (_operator, _key) in _EDITS.items():
    control(
        _search,
        "one-token-fewer",
        "refuted",
        table=_edited(*_key, lambda length: length and length - 1),
        reason="a shorter program would have been found",
    )
    control(
        _search,
        "one-token-more",
        "refuted",
        table=_edited(*_key, lambda length: length and length + 1),
        reason="a shorter program is found",
    )
    control(
        _search,
        "own-code-twice",
        "confirmed",
        extra=(1,),
        symmetry="the token with w = k is listed twice",
    )
    control(_operator, "first-token-dropped", "refuted", dropped=1, reason="a shortest program has no token to spare")
    control(
        _operator,
        "claimed-one-longer",
        "confirmed",
        table=_edited(*_key, lambda length: length and length + 1),
        reason="the search still ends at a shortest program",
    )

for _search in (non_negative_searched, signed_searched):
    control(
        _search,
        "reflections-allowed",
        "refuted",
        extra=(2,),
        reason="a token of own weight 2 mends a sign at once, so shorter programs appear",
    )
