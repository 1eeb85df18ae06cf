"""Count formulas as plain trees, and as sums of products of atoms.

A tree is a Fraction, the name of a size, or a tuple: ("+", ...), ("*", ...), ("pow", tree, rational), ("L", tree),
("exp2", tree) for 2^tree, ("ln", tree), ("log2", tree),
("ceil", tree), ("floor", tree), ("mod", tree, tree), ("min", ...), ("max", ...).
Sizes are positive integers. Trees are hashable and compare by what they are, which is all that sympy was needed for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy

from theory.bounds import Tree
from theory.cost.formulas import L
from theory.monomials import Monomial

__all__ = [
    "Key",
    "Poly",
    "Unclear",
    "add",
    "monomial_tree",
    "multiply",
    "names",
    "power_of",
    "replaced",
    "text",
    "to_poly",
    "tree_of",
]


class Unclear(ValueError):
    """What the method cannot treat, in words: the answer is undecided, not wrong."""


Key = tuple[tuple[Tree, Fraction], ...]
Poly = Mapping[Key, Fraction]
"""A sum of coefficient * product of atom^exponent; keys are sorted by the atoms' text. Atoms are sizes, compound trees, and sums
under an exponent that is no natural number."""

ONE: Poly = {(): Fraction(1)}
MOST_TERMS = 20_000
LARGEST_POWER = 64


def tree_of(formula: sympy.Expr) -> Tree:
    """The tree of a sympy formula. Raises Unclear for functions that have no rule here."""
    if isinstance(formula, sympy.Symbol):
        return formula.name
    if isinstance(formula, sympy.Rational):
        return Fraction(int(formula.p), int(formula.q))
    if isinstance(formula, sympy.Pow):
        base, exponent = formula.args
        if isinstance(base, sympy.Integer) and base == 2 and not exponent.is_number:
            return ("exp2", tree_of(exponent))  # pyright: ignore[reportArgumentType]
        if isinstance(exponent, sympy.Rational):
            return ("pow", tree_of(base), Fraction(int(exponent.p), int(exponent.q)))  # pyright: ignore[reportArgumentType]
    if isinstance(formula, sympy.log):
        return ("ln", tree_of(formula.args[0]))  # pyright: ignore[reportArgumentType]
    for kind, name in _NAMES.items():
        if isinstance(formula, kind):
            return (name, *(tree_of(part) for part in formula.args))  # pyright: ignore[reportArgumentType]
    raise Unclear(f"growth has no rule for {formula}")


_NAMES = {
    sympy.Add: "+",
    sympy.Mul: "*",
    L: "L",
    sympy.ceiling: "ceil",
    sympy.floor: "floor",
    sympy.Mod: "mod",
    sympy.Min: "min",
    sympy.Max: "max",
}


def names(tree: Any) -> frozenset[str]:
    """The sizes in a tree."""
    if isinstance(tree, tuple):
        return frozenset().union(*map(names, tree[1:]))
    return frozenset((tree,)) if isinstance(tree, str) else frozenset()


def text(tree: Tree) -> str:
    """A tree in words."""
    if not isinstance(tree, tuple):
        return str(tree)
    name, *parts = tree
    if name in ("+", "*"):
        return f"({f' {name} '.join(map(text, parts))})"
    return f"{text(parts[0])}**({parts[1]})" if name == "pow" else f"{name}({', '.join(map(text, parts))})"


def replaced(tree: Tree, sizes: Mapping[str, Tree]) -> Tree:
    """With other trees for some sizes."""
    if isinstance(tree, tuple):
        return (tree[0], *(replaced(part, sizes) for part in tree[1:]))
    return sizes.get(tree, tree) if isinstance(tree, str) else tree


def monomial_tree(monomial: Monomial) -> Tree:
    """A product of powers of sizes as a tree."""
    return product([x if a == 1 else ("pow", x, a) for x, a in monomial.powers])


def product(factors: Sequence[Tree]) -> Tree:
    """A product as a tree, without needless nesting."""
    return Fraction(1) if not factors else factors[0] if len(factors) == 1 else ("*", *factors)


def to_poly(tree: Tree, of_atom: Callable[[Tree], Poly] | None = None) -> Poly:
    """Products written out. `of_atom` may give something else for a compound atom with a natural exponent."""
    if isinstance(tree, Fraction):
        return {(): tree} if tree else {}
    if isinstance(tree, str):
        return power_of(tree)
    name, *parts = tree
    if name == "+":
        return add(to_poly(part, of_atom) for part in parts)
    if name == "*":
        made = ONE
        for part in parts:
            made = multiply(made, to_poly(part, of_atom))
        return made
    if name == "pow":
        return _power(parts[0], parts[1], of_atom)
    return of_atom(tree) if of_atom else power_of(tree)


def _power(base: Tree, exponent: Fraction, of_atom: Callable[[Tree], Poly] | None) -> Poly:
    if exponent.denominator == 1 and 0 <= exponent <= LARGEST_POWER:
        made, inner = ONE, to_poly(base, of_atom)
        for _ in range(int(exponent)):
            made = multiply(made, inner)
        return made
    inner = to_poly(base)
    if len(inner) == 1:
        ((key, coefficient),) = inner.items()
        if exponent.denominator == 1 or coefficient == 1:
            return {tuple((atom, e * exponent) for atom, e in key): coefficient ** int(exponent)}
    return power_of(base, exponent)


def power_of(atom: Tree, exponent: Fraction = Fraction(1)) -> Poly:
    return {((atom, exponent),): Fraction(1)}


def add(parts: Iterable[Poly]) -> Poly:
    total: dict[Key, Fraction] = {}
    for part in parts:
        for key, c in part.items():
            total[key] = total.get(key, Fraction(0)) + c
    return {key: c for key, c in total.items() if c}


def multiply(a: Poly, b: Poly) -> Poly:
    if len(a) * len(b) > MOST_TERMS:
        raise Unclear(f"written out the formula has more than {MOST_TERMS} terms")
    total: dict[Key, Fraction] = {}
    for p, c in a.items():
        for q, d in b.items():
            key = _merged(p, q)
            total[key] = total.get(key, Fraction(0)) + c * d
    return {key: c for key, c in total.items() if c}


def _merged(p: Key, q: Key) -> Key:
    if not p or not q:
        return p or q
    exponents = dict(p)
    for atom, e in q:
        exponents[atom] = exponents.get(atom, Fraction(0)) + e
    return tuple(sorted(((atom, e) for atom, e in exponents.items() if e), key=lambda pair: str(pair[0])))
