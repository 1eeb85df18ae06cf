"""Upper estimates of count formulas as maxima of minima of monomials, up to constants, for sizes of at least 2.

    L(x y) = log2 x + log2 y + u        2^L(e) = e (1 + u)        ceil(e) = e + u        floor(e) = e - u        with 0 <= u < 1
    L(e) <= log2 e + 1        mod(a, b) <= b, and <= a for a >= 0        min and max as they are        1/e <= 1/(what e is at least)

The identities in u are written out before anything is estimated, so that what cancels cancels: N*ceil(N/C)*C - N^2 is C N u.
Then terms with a negative coefficient are left out. Derived here.
"""

from __future__ import annotations

from fractions import Fraction

from theory.bounds import Tree
from theory.growth.trees import ONE as ONE_POLY
from theory.growth.trees import Poly, Unclear, add, multiply, power_of, text, to_poly
from theory.monomials import ONE, Bound, Monomial, inverse, least, most, raised, times

__all__ = ["above"]


def above(tree: Tree) -> Bound:
    """A bound of max(tree, 0). Raises Unclear, or TooManyTerms."""
    return _sum_above(_written_out(tree), absolute=False)


def _magnitude(tree: Tree) -> Bound:
    """A bound of |tree|."""
    return _sum_above(_written_out(tree), absolute=True)


def _sum_above(poly: Poly, absolute: bool) -> Bound:
    parts = []
    for key, coefficient in poly.items():
        signed = any(e.denominator == 1 and e % 2 and not _nonnegative(atom) for atom, e in key)
        if coefficient < 0 and not signed and not absolute:
            continue
        made = ONE
        for atom, e in key:
            made = times(made, _atom_above(atom, e))
        parts.append(made)
    return most(*parts)


def _written_out(tree: Tree) -> Poly:
    return to_poly(tree, _by_identity)


def _by_identity(atom: Tree) -> Poly:
    """The atom by the identities with u, where they apply."""
    assert isinstance(atom, tuple)
    name, inside = atom[0], atom[1]
    if name == "ceil":
        return add([_written_out(inside), power_of(("u", atom))])
    if name == "floor":
        return add([_written_out(inside), multiply({(): Fraction(-1)}, power_of(("u", atom)))])
    if name == "exp2":
        return _exp2(inside)
    if name == "L":
        return _log_of_product(atom)
    return power_of(atom)


def _log_of_product(atom: tuple) -> Poly:
    """L of a product of sizes; other L's as they are."""
    poly = to_poly(atom[1])
    (key, c), *more = poly.items() if poly else [((), Fraction(0))]
    if more or c != 1 or not all(isinstance(x, str) and e > 0 for x, e in key):
        return power_of(atom)
    logs = (multiply({(): e}, power_of(("log2", x))) for x, e in key)
    return add([*logs, power_of(("u", atom))])


def _exp2(exponent: Tree) -> Poly:
    """2^exponent for a sum of integers and of L's with natural coefficients."""
    made: Poly = ONE_POLY
    for key, c in to_poly(exponent).items():
        if not key and c.denominator == 1:
            made = multiply(made, {(): Fraction(2) ** int(c)})
            continue
        (atom, e), *more = key or (("", c),)
        if more or e != 1 or c < 0 or c.denominator > 1 or not (isinstance(atom, tuple) and atom[0] == "L"):
            raise Unclear("growth has no rule for a power of 2 whose exponent is no sum of L's")
        if not _at_least_one(atom[1]):
            raise Unclear("growth has no rule for 2^L of what may be below 1")
        for _ in range(int(c)):
            made = multiply(made, multiply(_written_out(atom[1]), add([ONE_POLY, power_of(("u", atom))])))
    return made


def _atom_above(atom: Tree, exponent: Fraction) -> Bound:
    if exponent < 0:
        return inverse(raised(below(atom), -exponent))
    return raised(_single_above(atom), exponent)


def _single_above(atom: Tree) -> Bound:
    if isinstance(atom, str):
        return _size(atom)
    assert isinstance(atom, tuple)
    name, *parts = atom
    if name == "u":
        return ONE
    if name == "log2":
        return ((Monomial.of(logs=[(parts[0], Fraction(1))]),),)
    if name in ("L", "ln"):
        if name == "ln" and not _at_least_one(parts[0]):
            raise Unclear("growth has no rule for the log of what may be below 1")
        return most(*(least(*(_log(m) for m in group)) for group in above(parts[0]))) or ONE
    if name == "mod":
        divisor = _magnitude(parts[1])
        return least(divisor, above(parts[0])) if _nonnegative(parts[0]) and _nonnegative(parts[1]) else divisor
    if name == "max" and _nonnegative(atom):
        return most(*(above(part) for part in parts))
    if name == "min" and _nonnegative(atom):
        return least(*(above(part) for part in parts))
    if name in ("max", "min"):
        return most(*(_magnitude(part) for part in parts))
    return _magnitude(atom)


def below(tree: Tree) -> Bound:
    """What a tree without negative terms is at least, up to a constant. Raises Unclear."""
    if isinstance(tree, str):
        return _size(tree)
    if isinstance(tree, Fraction) and tree > 0:
        return ONE
    if isinstance(tree, tuple):
        name, *parts = tree
        if name in ("+", "max"):
            return most(*(below(part) for part in parts))
        if name == "min":
            return least(*(below(part) for part in parts))
        if name == "*":
            made = ONE
            for part in parts:
                made = times(made, below(part))
            return made
        if name == "pow" and parts[1] > 0:
            return raised(below(parts[0]), parts[1])
        if name == "pow" and (most_of := above(parts[0])):
            return raised(most_of, parts[1])
        if name == "ceil":
            return most(below(parts[0]), ONE)
        if name in ("L", "ln") and isinstance(parts[0], str):
            return ((Monomial.of(logs=[(parts[0], Fraction(1))]),),)
        if name == "ln" and isinstance(parts[0], Fraction) and parts[0] > 1:
            return ONE
    raise Unclear(f"growth has no rule for a division by {text(tree)}")


def _size(name: str) -> Bound:
    return ((Monomial.of([(name, Fraction(1))]),),)


def _log(monomial: Monomial) -> Bound:
    """log of a monomial: x^-a and log x are at most 1 and x."""
    grow = dict.fromkeys(x for x, a in monomial.powers + monomial.logs if a > 0)
    return tuple((Monomial.of(logs=[(x, Fraction(1))]),) for x in grow) or ONE


def _nonnegative(tree: Tree) -> bool:
    """Whether the tree is seen to be at least 0 for all positive sizes."""
    if isinstance(tree, Fraction):
        return tree >= 0
    if isinstance(tree, str):
        return True
    name, *parts = tree
    if name == "pow":
        return _nonnegative(parts[0]) or (parts[1].denominator == 1 and parts[1] % 2 == 0)
    if name == "max":
        return any(map(_nonnegative, parts))
    if name == "mod":
        return _nonnegative(parts[1])
    if name in ("L", "exp2", "u", "log2"):
        return True
    if name == "ln":
        return _at_least_one(parts[0])
    if name in ("+", "*"):
        return all(map(_nonnegative, parts)) or _at_ones(tree) >= 0
    return all(map(_nonnegative, parts))


def _at_least_one(tree: Tree) -> bool:
    """Whether the tree is seen to be at least 1 for all positive sizes."""
    if isinstance(tree, Fraction):
        return tree >= 1
    if isinstance(tree, str):
        return True
    name, *parts = tree
    if name in ("ceil", "pow"):
        return _at_least_one(parts[0]) and (name == "ceil" or parts[1] >= 0)
    if name in ("min", "max"):
        return (all if name == "min" else any)(map(_at_least_one, parts))
    if name == "exp2":
        return _nonnegative(parts[0])
    return name in ("+", "*") and _at_ones(tree) >= 1


def _at_ones(tree: Tree) -> Fraction:
    """The least value of a polynomial in the sizes whose coefficients are non-negative but for the constant one; else -1."""
    poly = to_poly(tree)
    plain = all(isinstance(atom, str) and e > 0 for key in poly for atom, e in key)
    return (
        sum(poly.values(), Fraction(0)) if plain and all(c > 0 or not key for key, c in poly.items()) else Fraction(-1)
    )
