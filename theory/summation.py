"""Orders of summation as data, their emulation in a number format, and bounds on what rounding does to a sum.

Every order adds n terms by n - 1 additions of two; the pairs form a binary tree. Notation: u = 2**-p, v = u / (1 + u);
P = sum |x_i|; a hat is a computed value. Hypotheses of every bound: rounding to nearest (ties anyhow), no overflow,
terms in the format; gradual underflow where not said otherwise. Then one addition s = a^ + b^ errs by delta with

    |delta| <= min(v |s|, |a^|, |b^|):                                                                           (1)

v |s| by the standard model in Knuth's form (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., 2002,
chapter 2), true for subnormal sums too, as they are exact (Hauser 1996); |b^| because a^ is in the format and the
nearest number is no farther than a^. With flush to zero v |s| fails: `dot_bound` says what remains.

**Any order**: |error| <= (n-1) v P, for every n. With u for v: Jeannerod & Rump, "Improved error bounds for inner
products in floating-point arithmetic", SIAM J. Matrix Anal. Appl. 34(2), 2013. Derived here, by such an induction: a
node over m leaves errs by at most (m-1) v P; a leaf by 0. At a node with children A, B we need
|delta| <= v (m_B P_A + m_A P_B). If P_B <= v P_A, then |delta| <= |b^| <= (1 + (m_B - 1) v) P_B <= m_B v P_A; likewise
with A and B exchanged. Else v P_A < P_B, v P_B < P_A, and by v |s| the error is at most
v (P_A + (m_A - 1) v P_A + P_B + (m_B - 1) v P_B) <= v (P_A + (m_A - 1) P_B + P_B + (m_B - 1) P_A).

**Height h**: |error| <= ((1+v)**h - 1) P <= h u / (1 - (h-1) u) P. Each term takes part in at most h additions; and
(1+v)**h (1 - h v) <= (1 - v*v)**h <= 1 (Bernoulli), where (h-1) u < 1. Both are at most gamma_h = h u / (1 - h u)
(Higham 2002, lemma 3.1). Lange & Rump, "Sharp estimates for perturbation errors in summations", Math. Comp. 88, 2019,
announce h u under a limit on h; it is not used, as the exact condition was not at hand.

**Time and reverse**: |error| <= P, derived here: by (1) each addition errs by at most the term that it adds.

**Contiguous orders**, derived here: a partial sum over an interval of time is the difference of two prefix sums. Where
all prefix sums, the empty one too, lie in [lo, hi], every contiguous order stays in [lo - hi, hi - lo], however many
terms there are. Interleaved lanes have no such bound.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from jaxtyping import Float, Int, Shaped

from theory.formats import Format, Underflow, check_underflow

Kind = Literal["time", "reverse", "interleaved", "blocked", "pairwise"]


@dataclass(frozen=True)
class Order:
    """An order of summation; `width` is the number of lanes or the size of a block, 1 for the other kinds."""

    kind: Kind
    width: int = 1

    def __post_init__(self) -> None:
        wide = self.kind in ("interleaved", "blocked")
        if self.width < 1 or (self.width > 1 and not wide):
            need = "give at least 1 lane, or 1 term to a block" if wide else "only interleaved and blocked have a width"
            raise ValueError(f"order {self.kind} of width {self.width}: {need}")

    @property
    def name(self) -> str:
        """ "time", "reverse", "interleaved(8)", "blocked(32)", "pairwise"; `order_named` reads it back."""
        return f"{self.kind}({self.width})" if self.kind in ("interleaved", "blocked") else self.kind

    @property
    def is_contiguous(self) -> bool:
        """Whether every partial sum, for every n, is a sum over an interval of time."""
        return self.kind != "interleaved" or self.width == 1

    @property
    def is_chain(self) -> bool:
        """Whether every addition adds one more term, for every n."""
        return self.kind != "pairwise" and self.width == 1

    def height(self, n: int) -> int:
        """The largest number of additions that one of n terms takes part in; 0 for n <= 1; O(1)."""
        _check_count(n)
        if n <= 1:
            return 0
        if self.kind == "pairwise":
            return (n - 1).bit_length()
        if self.kind == "interleaved":
            lanes = min(self.width, n)
            return -(-n // lanes) - 1 + lanes - 1
        if self.kind == "blocked":
            return min(self.width, n) - 1 + -(-n // self.width) - 1
        return n - 1

    def additions(self, n: int) -> Int[np.ndarray, "additions 2"]:
        """The n - 1 additions in the order they are done: row k adds nodes (left, right) and makes node n + k.

        Nodes 0..n-1 are the terms. int64, shape (max(n - 1, 0), 2); O(n).
        """
        _check_count(n)
        rows: list[tuple[int, int]] = []

        def add_up(nodes: Iterable[int]) -> int:
            total, *rest = nodes
            for node in rest:
                rows.append((total, node))
                total = n + len(rows) - 1
            return total

        if n == 0:
            pass
        elif self.kind == "time":
            add_up(range(n))
        elif self.kind == "reverse":
            add_up(reversed(range(n)))
        elif self.kind == "interleaved":
            add_up([add_up(range(lane, n, self.width)) for lane in range(min(self.width, n))])
        elif self.kind == "blocked":
            add_up([add_up(range(start, min(start + self.width, n))) for start in range(0, n, self.width)])
        else:
            nodes = list(range(n))
            while len(nodes) > 1:
                odd = nodes[len(nodes) // 2 * 2 :]
                nodes = [add_up(pair) for pair in zip(nodes[0::2], nodes[1::2], strict=False)] + odd
        return np.array(rows, dtype=np.int64).reshape(-1, 2)


time = Order("time")
reverse = Order("reverse")
pairwise = Order("pairwise")
"""Neighbours are added, then neighbouring sums, and so on; an odd last one waits. A contiguous tree of least height."""


def interleaved(lanes: int) -> Order:
    """Lane l adds the terms i = l mod lanes in time order; then the lanes are added left to right (accumulators)."""
    return Order("interleaved", lanes)


def blocked(size: int) -> Order:
    """Blocks of `size` consecutive terms are added left to right, then the block sums left to right (chunks)."""
    return Order("blocked", size)


def order_named(name: str) -> Order:
    """The order of that name, as `Order.name` writes it; ValueError otherwise."""
    match = re.fullmatch(r"(interleaved|blocked)\((\d+)\)", name)
    if match is not None:
        return (interleaved if match[1] == "interleaved" else blocked)(int(match[2]))
    for order in (time, reverse, pairwise):
        if order.name == name:
            return order
    raise ValueError(f"no order {name!r}: use time, reverse, pairwise, interleaved(LANES) or blocked(SIZE)")


def _check_count(n: int) -> None:
    if n < 0:
        raise ValueError(f"n = {n} terms: give a count >= 0")


class _Arithmetic:
    """Addition of arrays in a format: natively where the machine has it, else float64 and a rounding, exact for Q.

    numpy's `add.accumulate` is sequential by definition (each output is the previous output plus the next input, in the
    array's own dtype), unlike `add.reduce`, which regroups; so it is the time order of fp32 and fp64 at machine speed.
    """

    def __init__(self, fmt: Format, underflow: Underflow) -> None:
        check_underflow(underflow)
        self.fmt = fmt
        self.underflow: Underflow = underflow
        native = {"fp32": np.float32, "fp64": np.float64}.get(fmt.name) if underflow == "gradual" else None
        self.dtype = np.dtype(object) if fmt.exact else np.dtype(native or np.float64)
        self.rounds = native is None and not fmt.exact

    def load(self, terms: np.ndarray, what: str) -> np.ndarray:
        """The terms in the working dtype; ValueError naming the first that the format does not hold."""
        if self.fmt.exact:
            return exact_array(terms)
        if not self.rounds and terms.dtype == self.dtype:
            rounded = terms
        else:
            rounded = self.fmt.round_array(terms, self.underflow)
        wrong = ~np.isfinite(rounded) | (rounded != terms)
        if wrong.any():
            where = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise ValueError(
                f"{what}{list(where)} = {np.asarray(terms)[where]!r} is not a finite number of {self.fmt.name} "
                f"({self.underflow} underflow); round first: {self.fmt.name}.round_array gives {rounded[where]}"
            )
        return rounded.astype(self.dtype, copy=False)

    def plus(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        total = np.asarray(a + b)  # numpy makes a scalar of the sum of two arrays without axes
        return self.fmt.round_array(total, self.underflow) if self.rounds else total

    def in_time(self, terms: np.ndarray) -> np.ndarray:
        """Left to right along the last axis, at least one term there."""
        n = terms.shape[-1]
        if self.rounds:
            total = terms[..., 0]
            for i in range(1, n):
                total = self.plus(total, terms[..., i])
            return total
        total, step = terms[..., :1], max(1, 2**20 * n // max(terms.size, 1))
        for start in range(1, n, step):
            chunk = np.concatenate([total, terms[..., start : start + step]], axis=-1)
            total = np.add.accumulate(chunk, axis=-1)[..., -1:]
        return total[..., 0]

    def add(self, order: Order, terms: np.ndarray) -> np.ndarray:
        """The sum in this order along the last axis, at least one term there."""
        n = terms.shape[-1]
        if self.fmt.exact:
            return np.asarray(terms.sum(axis=-1), dtype=object)
        if order.kind == "time":
            return self.in_time(terms)
        if order.kind == "reverse":
            return self.in_time(terms[..., ::-1])
        if order.kind == "pairwise":
            while n > 1:
                sums = self.plus(terms[..., 0 : n - 1 : 2], terms[..., 1::2])
                terms = np.concatenate([sums, terms[..., n // 2 * 2 :]], axis=-1)
                n = terms.shape[-1]
            return terms[..., 0]
        # Zeros fill the last row or block: adding 0 to a number of the format is exact.
        width = min(order.width, n)
        padded = np.zeros((*terms.shape[:-1], -(-n // width) * width), dtype=terms.dtype)
        padded[..., :n] = terms
        grid = padded.reshape(*terms.shape[:-1], -1, width)
        return self.in_time(self.in_time(np.swapaxes(grid, -1, -2) if order.kind == "interleaved" else grid))


def exact_array(terms: Shaped[np.ndarray, "*shape"]) -> Shaped[np.ndarray, "*shape"]:
    """The same values as an object array of Python ints and Fractions; floats exactly; ValueError if not finite."""
    array = np.asarray(terms)
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise ValueError("the terms hold infinities or NaN: exact sums need finite numbers")
        exact = np.empty(array.shape, dtype=object)
        for where, value in np.ndenumerate(array):
            exact[where] = Fraction(float(value))
        return exact
    if array.dtype.kind not in "iubO":
        raise ValueError(
            f"terms of dtype {array.dtype}: give integers, floats or an object array of ints and Fractions"
        )
    return array.astype(object)


def add(
    order: Order,
    terms: Shaped[np.ndarray, "..."],
    fmt: Format,
    axis: int = -1,
    underflow: Underflow = "gradual",
) -> Shaped[np.ndarray, "..."]:
    """The sum along `axis` in this order, rounded to the format after every addition; overflow as the format does it.

    terms: finite numbers of the format (ValueError names the first that is not), any shape. Result: the shape without
    `axis`, float64; for Q exact, dtype object (also from floats). An empty sum is 0. The emulation is the format's own
    arithmetic by the proof in `theory.formats`. n - 1 additions, vectorised over the other axes; fp32 and fp64 natively
    (time order over 2**24 terms: a fraction of a second), others about 20 microseconds an addition of small arrays.
    """
    terms = np.moveaxis(np.asarray(terms), axis, -1)
    arithmetic = _Arithmetic(fmt, underflow)
    loaded = arithmetic.load(terms, "terms")
    if terms.shape[-1] == 0:
        total = np.zeros(terms.shape[:-1], dtype=arithmetic.dtype)
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            total = arithmetic.add(order, loaded)
    return np.asarray(total, dtype=object if fmt.exact else np.float64)


def dot(
    order: Order,
    x: Shaped[np.ndarray, "... n"],
    y: Shaped[np.ndarray, "... n"],
    fmt: Format,
    fma: bool = False,
    underflow: Underflow = "gradual",
) -> Shaped[np.ndarray, "..."]:
    """Inner products along the last axis: products rounded, then `add`; with `fma` one rounding a step, in time order.

    x, y broadcast; finite numbers of the format. float64 out (object for Q). The fused form runs in exact integers, one
    Fraction a step, and raises OverflowError where the format overflows; the other gives infinity or NaN.
    """
    x, y = np.broadcast_arrays(x, y)
    arithmetic = _Arithmetic(fmt, underflow)
    x, y = arithmetic.load(x, "x"), arithmetic.load(y, "y")
    if fma:
        if order.kind != "time":
            raise ValueError(f"fma with the order {order.name}: a chain of fused steps has the order time")
        out = np.empty(x.shape[:-1], dtype=object)
        exact_x, exact_y = exact_array(x), exact_array(y)
        for where in np.ndindex(*out.shape):
            total = Fraction(0)
            for a, b in zip(exact_x[where], exact_y[where], strict=True):
                total = fmt.round(total + a * b, underflow)
            out[where] = total
        return out if fmt.exact else out.astype(np.float64)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        products = arithmetic.plus(x * y, np.zeros((), dtype=x.dtype))
        if x.shape[-1] == 0:
            total = np.zeros(x.shape[:-1], dtype=x.dtype)
        else:
            total = arithmetic.add(order, products)
    return np.asarray(total, dtype=object if fmt.exact else np.float64)


def partial_sums(order: Order, terms: Shaped[np.ndarray, "*batch n"]) -> Shaped[np.ndarray, "*batch additions"]:
    """The exact results of the n - 1 additions along the last axis, in the order they are done; the last is the sum.

    Integers give int64 where no partial sum can leave it, else Python ints in an object array; floats and Fractions
    give an object array. The terms themselves are loaded, not added: they are not listed. O(n) numpy calls; one for
    time and reverse.
    """
    terms = np.asarray(terms)
    n = terms.shape[-1]
    small = terms.dtype.kind in "ib" or (terms.dtype.kind == "u" and terms.dtype.itemsize < 8)
    if small and terms.size:
        small = max(abs(int(terms.max())), abs(int(terms.min()))) * n < 2**63
    values = terms.astype(np.int64) if small else exact_array(terms)
    if order.kind in ("time", "reverse"):
        return np.add.accumulate(values if order.kind == "time" else values[..., ::-1], axis=-1)[..., 1:]
    additions = order.additions(n)
    nodes = np.empty((*values.shape[:-1], n + len(additions)), dtype=values.dtype)
    nodes[..., :n] = values
    for k, (left, right) in enumerate(additions):
        nodes[..., n + k] = nodes[..., left] + nodes[..., right]
    return nodes[..., n:]


def gamma(fmt: Format, n: int) -> Fraction:
    """gamma_n = n u / (1 - n u) (Higham 2002, lemma 3.1); ValueError unless n u < 1."""
    _check_count(n)
    part = n * fmt.unit_roundoff
    if part >= 1:
        raise ValueError(f"gamma_n of {fmt.name} needs n u < 1, but n = {n} and u = {fmt.unit_roundoff}: use sum_bound")
    return part / (1 - part)


def sum_bound(fmt: Format, n: int, order: Order | None = None) -> Fraction:
    """The least c known here with |computed - exact| <= c * sum |x_i| for n terms; no higher-order term is left out.

    Any order (None): (n-1) u / (1+u). An order's height and, for time and reverse, the bound 1 can be less. For Q: 0.
    Hypotheses, sources and proofs: the module's docstring. Nearly reached: `near_sum_instance`, `near_tree_instance`.
    """
    _check_count(n)
    u = fmt.unit_roundoff
    if n <= 1 or u == 0:
        return Fraction(0)
    v = u / (1 + u)
    bounds = [(n - 1) * v]
    if order is not None:
        height = order.height(n)
        if height <= 64:
            bounds.append((1 + v) ** height - 1)
        elif (height - 1) * u < 1:
            bounds.append(height * u / (1 - (height - 1) * u))
        if order.is_chain:
            bounds.append(Fraction(1))
    return min(bounds)


def dot_bound(
    fmt: Format, n: int, order: Order | None = None, fma: bool = False, underflow: Underflow = "gradual"
) -> tuple[Fraction, Fraction]:
    """(r, a) with |computed - exact| <= r * sum |x_i y_i| + a for an inner product of n pairs; for Q (0, 0).

    Hypotheses: rounding to nearest, no overflow, x and y in the format; with "flush" also none of them subnormal.
    Without underflow, r is the least of

    - n u, any order: Jeannerod & Rump 2013. Derived here as in the module's docstring, where a leaf errs by v P and a
      node by m u P. For P_B <= u P_A: if m_B = 1, |b^| <= (1 + v) P_B <= u P_A + u P_B; if m_B >= 2,
      |b^| <= (1 + m_B u) P_B <= m_B u P_A. Else |delta| is at most
      v (P_A + (m_A - 1) P_B + u P_A + P_B + (m_B - 1) P_A + u P_B) <= v (1 + u) (m_B P_A + m_A P_B).
    - v + c (1 + v), c = sum_bound: |z_i - x_i y_i| <= v |x_i y_i| for the rounded products z_i.
    - fma: n v, and 1. A chain of n fused steps adds the real numbers x_i y_i to 0 with n roundings, and (1) holds with
      |x_i y_i| for |b^|.

    Underflow, derived here. A product (fused step) with a subnormal result errs by at most eta = min_subnormal / 2, an
    addition by nothing; with "flush" a product or sum that becomes 0 errs by less than eta = min_normal. Take each such
    error as one more exact summand, joined where it happens: nothing is rounded there, and the inductions hold for the
    altered sum, of magnitude at most P + k eta, which is within k eta of the wanted one. So a = (1 + r) k eta, with
    k = n, or k = 2n - 1 for flushed products and sums.
    """
    _check_count(n)
    check_underflow(underflow)
    u = fmt.unit_roundoff
    if n == 0 or u == 0:
        return Fraction(0), Fraction(0)
    v = u / (1 + u)
    if fma:
        if order is not None and order.kind != "time":
            raise ValueError(f"fma with the order {order.name}: a chain of fused steps has the order time")
        relative = min(n * v, Fraction(1))
    else:
        relative = min(n * u, v + sum_bound(fmt, n, order) * (1 + v))
    if underflow == "gradual":
        return relative, (1 + relative) * n * fmt.min_subnormal / 2
    return relative, (1 + relative) * (n if fma else 2 * n - 1) * fmt.min_normal


def _u_of(fmt: Format, what: str) -> float:
    if fmt.exact:
        raise ValueError(f"{what} of {fmt.name}: exact arithmetic makes no error; take a format that rounds")
    return float(fmt.unit_roundoff)


def near_sum_instance(fmt: Format, n: int) -> Float[np.ndarray, "n"]:
    """Terms 1, u, u, ... for the any-order bound, in time order. (Rump, BIT 52, 2012, uses the like.)

    1 + u is a tie and 1 is even: the computed sum is 1, the error (n-1) u out of 1 + (n-1) u. So observed / bound is
    (1 + u) / (1 + (n-1) u): 1 for n = 2, near 1 while n u is small. Against sum_bound(fmt, n, time) it is never below
    1/2: there the bound is 1 once (n-1) v > 1.
    """
    if n < 2:
        raise ValueError(f"n = {n} terms: no addition, no error; give n >= 2")
    terms = np.full(n, _u_of(fmt, "near_sum_instance"))
    terms[0] = 1
    return terms


def near_tree_instance(fmt: Format, height: int) -> Float[np.ndarray, "n"]:
    """2**height terms scale * u**(ones in the binary digits of i), for the bound of a tree's height, order pairwise.

    At every addition the right operand is u times the left, a tie that goes to the left one: the computed sum is the
    first term, the exact one (1+u)**height times it. So observed / bound is (1 - (1+u)**-h) / ((1+v)**h - 1), at least
    (1+2u)**(1-h): write both as geometric sums, and (1+u)(1+v) = 1+2u. ValueError when the range of
    the format does not reach from scale to scale * u**height.
    """
    u = _u_of(fmt, "near_tree_instance")
    if height < 1:
        raise ValueError(f"height = {height}: no addition, no error; give height >= 1")
    # The sum stays below twice the scale while nothing is rounded up, and nothing is.
    scale = Fraction(2) ** (fmt.emax if fmt.emax is not None else 0) / 2
    if scale * fmt.unit_roundoff**height < fmt.min_subnormal:
        raise ValueError(f"{fmt.name} reaches no factor u**{height} = {u}**{height}: give a smaller height")
    ones = np.array([i.bit_count() for i in range(2**height)])
    return float(scale) * u ** ones.astype(np.float64)


def near_dot_instance(fmt: Format, n: int) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """(x, y) for the relative part of dot_bound, in time order, fused or not.

    x_1 y_1 = (1 + 2u)(1 - u) = 1 + u - 2u*u is rounded to 1; the other products are u exactly, and ties as in
    `near_sum_instance`. The error is n u - 2u*u out of 1 + n u - 2u*u, so observed / (n u) is
    (1 - 2u/n) / (1 + n u - 2u*u).
    """
    if n < 1:
        raise ValueError(f"n = {n} pairs: no product, no error; give n >= 1")
    u = _u_of(fmt, "near_dot_instance")
    x, y = np.full(n, u), np.ones(n)
    x[0], y[0] = 1 + 2 * u, 1 - u
    return x, y


def near_underflow_instance(fmt: Format, n: int) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """(x, y) for the absolute part of dot_bound, gradual underflow: n products of half the least subnormal, all lost.

    Each is a tie between 0 and the least subnormal: the computed value is 0, fused or not, in any order. The error is
    n eta out of n eta, so observed / bound is 1 / (1 + 2r).
    """
    _u_of(fmt, "near_underflow_instance")
    return np.full(n, float(fmt.min_subnormal)), np.full(n, 0.5)
