"""A count formula against a bound in text: within it, beyond it, or not to be told.

Within: an upper estimate of the formula in monomials is dominated (`theory.growth.estimates`, `theory.growth.domination`).
Beyond: along one family of sizes the formula itself, evaluated exactly, negative terms and all, outgrows the bound
(`theory.growth.families`). When neither is shown the answer is undecided, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import sympy

from theory.bounds import Tree, parse_condition, read_bound
from theory.growth import families
from theory.growth.constants import Constant, constant_of, excess_of
from theory.growth.domination import Setting, compare_in
from theory.growth.estimates import above
from theory.growth.trees import Unclear, names, tree_of
from theory.monomials import Bound, Monomial, TooManyTerms

__all__ = ["Decision", "decide"]

Condition = tuple[Monomial, Monomial]


@dataclass(frozen=True)
class Decision:
    """outcome: "within" when the formula is O(bound); "exceeds" when it is not, along `witness`, a family of sizes in words;
    "undecided" with a `reason`. `monomial` is the term of an upper estimate that the bound does not have, "" when within.

    When asked for and found: `constant` with its certificate; and for what exceeds, along `family`, `excess`: g(t) in text and a
    constant with the certificate that g * bound <= value * factor * count."""

    outcome: Literal["within", "exceeds", "undecided"]
    monomial: str = ""
    witness: str = ""
    reason: str = ""
    constant: Constant | None = None
    family: families.Family | None = None
    excess: tuple[str, Constant] | None = None


def decide(
    formula: sympy.Expr,
    bound: str,
    where: Sequence[str] = (),
    fixed: Sequence[str] = (),
    symbols: Sequence[str] | None = None,
    explicit: bool = False,
) -> Decision:
    """Whether a c and an n0 exist with formula <= c * bound for all sizes >= n0 that satisfy the conditions in `where`.

    Milliseconds; with `explicit` also c and n0 where the formula is within the bound, and a certificate: up to a second or two.

    The symbols of `fixed` are constants, of at least 2. `symbols` are the sizes there are: text that names another one is refused;
    None allows any. Raises theory.bounds.BadBound for text that is no bound or condition, and Impossible for conditions that
    leave no large sizes. Text is parsed, never evaluated.
    """
    read = read_bound(bound, symbols)
    conditions = [parse_condition(text, symbols) for text in where]
    symbols = sorted(
        {str(x) for x in formula.free_symbols}.union(
            names(read.tree), fixed, symbols or (), *(left.symbols | right.symbols for left, right in conditions)
        )
    )
    setting = Setting.of(symbols, conditions, fixed)
    try:
        tree = tree_of(formula)
    except Unclear as error:
        return Decision("undecided", reason=str(error))
    made = _decide(tree, read.normal, conditions, setting)
    if explicit and made.outcome == "within":
        return replace(made, constant=constant_of(tree, read.tree, symbols, conditions, fixed))
    if explicit and made.family is not None:
        return replace(made, excess=excess_of(tree, read.tree, read.normal, made.family, conditions))
    return made


def _decide(tree: Tree, bound: Bound, conditions: Sequence[Condition], setting: Setting) -> Decision:
    monomial, directions = "", [setting.inside]
    try:
        answer = compare_in(setting, above(tree), bound)
    except (Unclear, TooManyTerms) as error:
        reason = str(error)
    else:
        if answer.dominated:
            return Decision("within")
        monomial = str(answer.monomial)
        reason = (
            f"{monomial} of an upper estimate is not under the bound, and no family shows that the count outgrows it"
        )
        directions = [*answer.directions, *directions]
    for family in _families(tree, conditions, setting, directions):
        try:
            if outgrows(tree, bound, family):
                return Decision("exceeds", monomial, families.in_words(family), family=family)
        except Unclear as error:
            reason = reason or str(error)
    return Decision("undecided", monomial, reason=reason)


def outgrows(tree: Tree, bound: Bound, family: families.Family) -> bool:
    """Whether the formula over the bound grows beyond all limits along the family. Raises Unclear."""
    germ = families.along(tree, family)
    if families.sign(germ) <= 0:
        return False
    (a, i, _, _), _ = families.leading(germ)
    return (a, i) > families.growth_of(bound, family)


def _families(
    tree: Tree, conditions: Sequence[Condition], setting: Setting, directions: Sequence[Sequence[int]]
) -> Iterator[families.Family]:
    """The families to try on which the conditions hold. Fixed symbols are constants of any size."""
    resting = {x: (Fraction(0), Fraction(1), 0) for x in setting.fixed}
    for family in families.candidates(setting.symbols, directions, setting.inside):
        whole = {**family, **resting}
        try:
            if all(families.holds(condition, whole) for condition in conditions):
                yield whole
        except Unclear:
            continue
