"""Bounds as text: parsed by the grammar below, never evaluated, and brought to a maximum of minima of monomials.

    bound   = term { "+" term }                        a sum is a maximum, up to a constant
    term    = factor { ("*" | "/") factor }
    factor  = atom [ "**" exponent ]
    atom    = number | symbol | "(" bound ")" | ("log" | "log2" | "sqrt") "(" bound ")" | ("max" | "min") "(" bound { "," bound } ")"
    exponent = [ "-" ] number | "(" [ "-" ] number [ "/" number ] ")"

Examples: "N*d**2 + N*log(N)", "sqrt(N*d)/C", "max(N**2, N*d)", "N**(3/2)". Constants are read and dropped: a bound is up to a
constant; `read_bound` keeps them, for who asks for the constant itself, and there log is to base 2. There is no subtraction, as a
difference bounds nothing by its terms. Conditions on sizes read "C<=N" or "H*c <= d".

Source: the notation of `weightproof cost`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from theory.monomials import ONE, Bound, Monomial, TooManyTerms, inverse, least, most, raised, times

__all__ = ["BadBound", "Read", "Tree", "parse_bound", "parse_condition", "read_bound"]

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(\*\*|[-+*/(),^<>=]|.))", re.ASCII | re.DOTALL)
MOST_CHARACTERS = 10_000
LARGEST_EXPONENT = 1000
FUNCTIONS = ("log", "log2", "sqrt", "max", "min")

Tree = Fraction | str | tuple
"""An expression: a number, a size, or an operation followed by its operands: ("+", ...), ("*", ...), ("max", ...), ("min", ...),
("log2", tree), ("pow", tree, rational)."""


class Read(NamedTuple):
    """A bound as it stands, and its normal form up to constants."""

    tree: Tree
    normal: Bound


class BadBound(ValueError):
    """Text that is not a bound: what is wrong, where, and what to write."""


def parse_bound(text: str, symbols: Iterable[str] | None = None) -> Bound:
    """The normal form of a bound. Raises BadBound for text that is none, or that names a symbol not among `symbols`."""
    return read_bound(text, symbols).normal


def read_bound(text: str, symbols: Iterable[str] | None = None) -> Read:
    """A bound with its constants, and its normal form. Raises BadBound as `parse_bound` does."""
    parser = _Parser(text, symbols)
    try:
        made = parser.sum()
    except TooManyTerms as error:
        raise parser.fail(str(error)) from None
    parser.end()
    return made


def parse_condition(text: str, symbols: Iterable[str] | None = None) -> tuple[Monomial, Monomial]:
    """A condition "left <= right" between two products of powers, as a pair. Raises BadBound."""
    left, sign, right = text.partition("<=")
    if not sign:
        raise BadBound(f"condition {text!r}: write it as left <= right, for example C<=N")
    return _single(left, text, symbols), _single(right, text, symbols)


def _single(side: str, text: str, symbols: Iterable[str] | None) -> Monomial:
    monomials = list(itertools.chain(*parse_bound(side, symbols)))
    if len(monomials) != 1 or monomials[0].logs:
        raise BadBound(f"condition {text!r}: each side is one product of powers of sizes, for example C*H<=N")
    return monomials[0]


class _Parser:
    """Recursive descent; `place` is the number of the next token."""

    def __init__(self, text: str, symbols: Iterable[str] | None) -> None:
        self.text, self.known = text, None if symbols is None else sorted(symbols)
        if len(text) > MOST_CHARACTERS:
            raise BadBound(f"a bound of {len(text)} characters; at most {MOST_CHARACTERS}")
        self.tokens = [
            (m.group().strip(), m.start() + len(m.group()) - len(m.group().lstrip())) for m in _TOKEN.finditer(text)
        ]
        self.tokens = [token for token in self.tokens if token[0]]
        self.place, self.depth = 0, 0

    def peek(self) -> str:
        return self.tokens[self.place][0] if self.place < len(self.tokens) else ""

    def take(self, wanted: str) -> bool:
        found = self.peek() == wanted
        self.place += found
        return found

    def fail(self, what: str) -> BadBound:
        at = self.tokens[self.place][1] if self.place < len(self.tokens) else len(self.text)
        return BadBound(f"bound {self.text[:80]!r}: {what} at character {at + 1}")

    def expect(self, wanted: str) -> None:
        if not self.take(wanted):
            raise self.fail(f"expected {wanted!r}, found {self.peek() or 'the end'!r}")

    def end(self) -> None:
        if self.peek():
            hints = {"-": "; a bound has no differences", "^": "; write ** for a power"}
            raise self.fail(f"{self.peek()!r} does not belong there{hints.get(self.peek(), '')}")

    def sum(self) -> Read:
        self.depth += 1
        if self.depth > 60:
            raise self.fail("brackets nest deeper than 60")
        parts = [self.product()]
        while self.take("+"):
            parts.append(self.product())
        self.depth -= 1
        return _joined("+", parts)

    def product(self) -> Read:
        made = self.power()
        while self.peek() in ("*", "/"):
            divide = self.take("/") or not self.take("*")
            factor = self.power()
            if divide:
                factor = Read(("pow", factor.tree, Fraction(-1)), inverse(factor.normal))
            made = Read(("*", made.tree, factor.tree), times(made.normal, factor.normal))
        return made

    def power(self) -> Read:
        base = self.atom()
        if not self.take("**"):
            return base
        exponent = self.exponent()
        if abs(exponent) > LARGEST_EXPONENT:
            raise self.fail(f"an exponent beyond {LARGEST_EXPONENT}")
        return Read(("pow", base.tree, exponent), raised(base.normal, exponent))

    def exponent(self) -> Fraction:
        bracket = self.take("(")
        sign = -1 if self.take("-") else 1
        value = self.number()
        if bracket:
            if self.take("/"):
                below = self.number()
                if not below:
                    raise self.fail("an exponent divided by 0")
                value /= below
            self.expect(")")
        return sign * value

    def number(self) -> Fraction:
        text = self.peek()
        if not text[:1].isdigit():
            raise self.fail(f"expected a number, as every exponent is, found {text or 'the end'!r}")
        self.place += 1
        return Fraction(text)

    def atom(self) -> Read:
        text = self.peek()
        if text[:1].isdigit():
            value = self.number()
            if not value:
                self.place -= 1
                raise self.fail("0 bounds nothing; a bound is positive")
            return Read(value, ONE)
        if self.take("("):
            made = self.sum()
            self.expect(")")
            return made
        if not text.isidentifier():
            hint = "; a bound has no differences" if text == "-" else ""
            raise self.fail(f"expected a size, a number or a bracket, found {text or 'the end'!r}{hint}")
        self.place += 1
        if self.peek() == "(":
            return self.call(text)
        if self.known is not None and text not in self.known:
            self.place -= 1
            raise self.fail(f"unknown symbol {text!r}; the sizes are {', '.join(self.known) or 'none'};")
        return Read(text, ((Monomial.of([(text, Fraction(1))]),),))

    def call(self, name: str) -> Read:
        if name not in FUNCTIONS:
            self.place -= 1
            raise self.fail(f"unknown function {name!r}; the functions are {', '.join(FUNCTIONS)};")
        self.expect("(")
        parts = [self.sum()]
        while self.take(","):
            parts.append(self.sum())
        self.expect(")")
        if name in ("max", "min"):
            return _joined(name, parts)
        if len(parts) > 1:
            raise self.fail(f"{name} takes one argument, not {len(parts)},")
        if name == "sqrt":
            return Read(("pow", parts[0].tree, Fraction(1, 2)), raised(parts[0].normal, Fraction(1, 2)))
        tree, normal = parts[0]
        if not any(m.symbols for m in itertools.chain(*normal)) and not (isinstance(tree, Fraction) and tree > 1):
            raise self.fail("the log of a constant is of a plain number above 1;")
        return Read(("log2", tree), self.log(normal))

    def log(self, inside: Bound) -> Bound:
        return most(*(least(*(self.log_of(m) for m in group)) for group in inside))

    def log_of(self, monomial: Monomial) -> Bound:
        if any(a < 0 for _, a in monomial.powers):
            raise self.fail("the log of a quotient is a difference of logs, which bounds nothing;")
        if monomial.logs and not monomial.powers:
            raise self.fail("a log of a log is beyond this notation;")
        if any(b < 0 for _, b in monomial.logs):
            raise self.fail("the log of a quotient by a log is beyond this notation;")
        logs = [Monomial.of(logs=[(x, Fraction(1))]) for x, _ in monomial.powers]
        return tuple((log,) for log in logs) or ONE


def _joined(name: str, parts: list[Read]) -> Read:
    """A sum, max or min of parts."""
    if len(parts) == 1:
        return parts[0]
    normals = [part.normal for part in parts]
    if name != "min":
        return Read((name, *(part.tree for part in parts)), most(*normals))
    made = normals[0]
    for normal in normals[1:]:
        made = least(made, normal)
    return Read((name, *(part.tree for part in parts)), made)
