"""Counts along families of sizes, exactly: x_i = 2^(v_i k + w_i s) + o_i, first k to infinity, then s.

Along such a family every formula here is, far out, a finite sum of  c 2^(a k + b s) k^i s^j: sizes and sums and products of them
are; L(e) = a k + b s + a constant, when e leads with c 2^(a k + b s); ceil, floor and mod take off a constant fraction, once k
and s are multiples of a suitable number; min and max are decided by the sign of the difference. The sum is ordered by its
greatest (a, i, b, j), whose coefficient tells the sign, negative terms and all. So is its growth, and a bound, up to
constants, grows like the greatest of the least of its monomials. The sizes with v_i = 0 are constants, as large as you like.
Derived here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from theory.bounds import Tree
from theory.growth.trees import Unclear, monomial_tree
from theory.monomials import Bound, Monomial

__all__ = ["Family", "Germ", "along", "candidates", "growth_of", "holds", "in_words", "leading", "sign", "subtract"]

Term = tuple[Fraction, Fraction, Fraction, Fraction]
Germ = Mapping[Term, Fraction]
"""{(a, i, b, j): c} for the sum of c 2^(a k + b s) k^i s^j, without zeros."""

Family = Mapping[str, tuple[Fraction, Fraction, int]]
"""A size's v, w and offset."""

MOST_TERMS = 400
LARGEST_POWER = 64
NONE = Fraction(0)
ZERO: Term = (NONE, NONE, NONE, NONE)


def along(tree: Tree, family: Family) -> Germ:
    """The formula along the family. Raises Unclear where it is no finite sum."""
    if isinstance(tree, Fraction):
        return {ZERO: tree} if tree else {}
    if isinstance(tree, str):
        v, w, offset = family[tree]
        return _add({(v, NONE, w, NONE): Fraction(1)}, {ZERO: Fraction(offset)})
    name, *parts = tree
    if name == "pow":
        return _power(along(parts[0], family), parts[1])
    germs = [along(part, family) for part in parts]
    made = germs[0]
    if name in ("L", "log2"):
        if name == "log2" and not (len(made) == 1 and _is_power_of_two(next(iter(made.values())))):
            raise Unclear("growth has no rule for this logarithm along a family")
        return _log(made)
    if name == "exp2":
        return _exp2(made)
    if name in ("ceil", "floor"):
        return _ceil(made) if name == "ceil" else _scaled(_ceil(_scaled(made, -1)), -1)
    if name == "mod" and sign(made) >= 0 and sign(subtract(germs[1], made)) > 0:
        return made
    if name == "mod":
        quotient = _scaled(_ceil(_scaled(_times(made, _power(germs[1], Fraction(-1))), -1)), -1)
        return subtract(made, _times(germs[1], quotient))
    for germ in germs[1:]:
        if name == "+":
            made = _add(made, germ)
        elif name == "*":
            made = _times(made, germ)
        elif name in ("min", "max"):
            made = germ if (sign(subtract(germ, made)) > 0) == (name == "max") else made
        else:
            raise Unclear(f"growth has no rule for {name} along a family")
    if name == "ln":
        raise Unclear("growth has no rule for a natural logarithm along a family")
    return made


def leading(germ: Germ) -> tuple[Term, Fraction]:
    """The term that outgrows the others, first in k, then in s."""
    term = max(germ)
    return term, germ[term]


def sign(germ: Germ) -> int:
    if not germ:
        return 0
    return 1 if leading(germ)[1] > 0 else -1


def growth_of(bound: Bound, family: Family) -> tuple[Fraction, Fraction]:
    """(a, i) for which the bound stays between multiples of 2^(a k) k^i as k grows."""

    def grows(m: Monomial) -> tuple[Fraction, Fraction]:
        powers = sum((a * family[x][0] for x, a in m.powers), Fraction(0))
        return powers, sum((b for x, b in m.logs if family[x][0]), Fraction(0))

    return max(min(map(grows, group)) for group in bound)


def holds(condition: Sequence[Monomial], family: Family) -> bool:
    """Whether left <= right far out along the family. Raises Unclear."""
    left, right = (along(monomial_tree(side), family) for side in condition)
    return sign(subtract(right, left)) >= 0


def candidates(symbols: Sequence[str], directions: Sequence[Sequence[int]], inside: Sequence[int]) -> Iterator[Family]:
    """Families to try: each direction, with constants in a direction of the interior, with and without an offset of 1."""
    for offsets in _offsets(len(symbols)):
        for v in directions:
            yield {x: (Fraction(a), Fraction(b), o) for x, a, b, o in zip(symbols, v, inside, offsets, strict=True)}


def _offsets(n: int) -> list[tuple[int, ...]]:
    single = [tuple(int(i == j) for j in range(n)) for i in range(n)]
    return list(dict.fromkeys([(0,) * n, (1,) * n, *single]))


def in_words(family: Family) -> str:
    """The family with s for the largest common power, for people."""
    growing, resting, odd = [], [], any(o for _, _, o in family.values())
    for x, (v, _, o) in family.items():
        if v:
            exponent = "" if v == 1 else f"**{v}"
            growing.append(f"{x} = s{exponent}{' + 1' if o else ''}")
        else:
            resting.append(x)
    kind = " with s a power of 2" if odd else ""
    return ", ".join(growing) + kind + (f", {', '.join(resting)} constant" if resting else "")


def subtract(a: Germ, b: Germ) -> Germ:
    return _add(a, _scaled(b, -1))


def _add(a: Germ, b: Germ) -> Germ:
    total = dict(a)
    for term, c in b.items():
        total[term] = total.get(term, Fraction(0)) + c
    return {term: c for term, c in total.items() if c}


def _scaled(a: Germ, factor: int) -> Germ:
    return {term: c * factor for term, c in a.items()}


def _times(a: Germ, b: Germ) -> Germ:
    if len(a) * len(b) > MOST_TERMS:
        raise Unclear("the formula has too many terms along a family")
    total: dict[Term, Fraction] = {}
    for (p, c), (q, d) in itertools.product(a.items(), b.items()):
        term = (p[0] + q[0], p[1] + q[1], p[2] + q[2], p[3] + q[3])
        total[term] = total.get(term, Fraction(0)) + c * d
    return {term: c for term, c in total.items() if c}


def _power(germ: Germ, exponent: Fraction) -> Germ:
    if len(germ) == 1:
        ((term, c),) = germ.items()
        if exponent.denominator == 1 or c == 1:
            a, i, b, j = (e * exponent for e in term)
            return {(a, i, b, j): c ** int(exponent)}
    if exponent.denominator != 1 or not 0 <= exponent <= LARGEST_POWER:
        raise Unclear("growth has no rule for a root or quotient of a sum along a family")
    made: Germ = {ZERO: Fraction(1)}
    for _ in range(int(exponent)):
        made = _times(made, germ)
    return made


def _log(germ: Germ) -> Germ:
    """L: the leading term is c 2^m with m an integer; what follows it decides when c is a power of 2."""
    if sign(germ) <= 0:
        return {}
    term, c = leading(germ)
    a, i, b, j = term
    if i or j:
        raise Unclear("growth has no rule for the log of a log along a family")
    rest = {t: x for t, x in germ.items() if t != term}
    p = c.numerator.bit_length() - c.denominator.bit_length() - 1
    while Fraction(2) ** p < c:
        p += 1
    if Fraction(2) ** p == c and sign(rest) > 0:
        p += 1
    if (a, b) < (NONE, NONE) or ((a, b) == (NONE, NONE) and p <= 0):
        return {}
    return _add({(NONE, Fraction(1), NONE, NONE): a, (NONE, NONE, NONE, Fraction(1)): b}, {ZERO: Fraction(p)})


def _is_power_of_two(c: Fraction) -> bool:
    return c > 0 and c.numerator & (c.numerator - 1) == 0 and c.denominator & (c.denominator - 1) == 0


def _exp2(germ: Germ) -> Germ:
    k, s = (NONE, Fraction(1), NONE, NONE), (NONE, NONE, NONE, Fraction(1))
    constant = germ.get(ZERO, NONE)
    if set(germ) - {k, s, ZERO} or constant.denominator > 1:
        raise Unclear("growth has no rule for 2 to such a power along a family")
    return {(germ.get(k, NONE), NONE, germ.get(s, NONE), NONE): Fraction(2) ** int(constant)}


def _ceil(germ: Germ) -> Germ:
    """ceil, with k and s multiples of whatever makes k^i c an integer and 2^(a k + b s) = 1 modulo odd denominators."""
    vanishing = {t: c for t, c in germ.items() if (t[0], t[2]) < (NONE, NONE)}
    whole, fraction = dict(germ), Fraction(0)
    for term, c in germ.items():
        if term in vanishing or term == ZERO:
            del whole[term]
        elif not (term[1] or term[3]):
            odd = c.denominator
            while odd % 2 == 0:
                odd //= 2
            twos = c.denominator // odd
            fraction += Fraction(c.numerator * pow(twos, -1, odd) % odd, odd)
    constant = fraction + germ.get(ZERO, NONE)
    top = -(-constant.numerator // constant.denominator)
    if top == constant and sign(vanishing) > 0:
        top += 1
    return _add(whole, {ZERO: top - fraction})
