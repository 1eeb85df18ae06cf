"""The explicit transformer of a target: one attention block that extracts the offsets, one ReLU network, every weight from a formula.

For level T and accuracy 2^-T of the network (the truncation's own worst case) the depths follow from the error bound

    sup |network - truncated target| <=
        sum_l |c_l| 2^(k/2) (k eps_cos + (k - 1) eps_product + 2 pi eps_attention sum_i |l_i|) + rounding

and from A = (sum over gamma(s(l)) < T of 2^(k - 2 gamma))^(1/2), which bounds sum |c_l| 2^(k/2) over the class: each of the four
terms gets a quarter of 2^-T at most. Source of the scheme: Takakura and Suzuki (2023); constants and weights are derived here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb, ctx

from constructions.takakura_suzuki.gadgets import tree, wave
from constructions.takakura_suzuki.network import Affine, Gadget, Network, compiled, together
from constructions.takakura_suzuki.target import Index, Layout, Target, below, support
from theory.takakura_suzuki import gadget_laws, network_laws, offset_laws
from theory.takakura_suzuki.counting import TooLarge
from theory.takakura_suzuki.gadget_laws import PRECISION, upper
from theory.takakura_suzuki.roots import Exact, ball
from theory.takakura_suzuki.smoothness import Smoothness, block_of

MEMORY = 2 << 30
"""Bytes that the weights of one network may take."""
WEIGHT_BYTES = 192
"""What a weight takes as a fraction in a row; 150 were seen."""


def class_factor(smoothness: Smoothness, kept: list[Index]) -> Fraction:
    """A, from above: by Cauchy and Schwarz sum |c_l| 2^(k/2) <= A for every target of the unit ball."""
    with ctx.workprec(PRECISION):
        exponents: dict[Exact, int] = {}
        for index in kept:
            e = support(index) - 2 * smoothness.gamma(block_of(index))
            exponents[e] = exponents.get(e, 0) + 1
        return upper(sum((n * arb(2) ** ball(e) for e, n in exponents.items()), arb(0)).sqrt())


@dataclass(frozen=True)
class Plan:
    """What the transformer of level T consists of, before any target: the same weights serve the whole class.

    ValueError where T reaches the constant function alone.
    """

    smoothness: Smoothness
    T: int | Fraction
    layout: Layout = field(default_factory=Layout)

    def __post_init__(self) -> None:
        if not self.smoothness.active(self.T):
            raise ValueError(f"T = {self.T} reaches the constant function alone: take T above a_1")

    @cached_property
    def kept(self) -> list[Index]:
        """The indices of the N = G(T) basis functions."""
        return below(self.smoothness, self.T)

    @property
    def coordinates(self) -> int:
        """The inputs of the network: coordinates with a_i < T."""
        return self.smoothness.active(self.T)

    @cached_property
    def largest_support(self) -> int:
        return max(map(support, self.kept))

    @cached_property
    def factor(self) -> Fraction:
        """A."""
        return class_factor(self.smoothness, self.kept)

    @property
    def accuracy(self) -> Fraction:
        """At most 2^-T, and at least half of it: 2^-ceil(T)."""
        return Fraction(1, 2 ** -(-Fraction(self.T) // 1))

    @cached_property
    def depths(self) -> network_laws.Depths:
        """C, m, J, J' and R."""
        k, share = self.largest_support, self.accuracy / (4 * self.factor)
        steps, levels = gadget_laws.cosine_levels(share / k)
        products = gadget_laws.product_levels(share / max(k - 1, 1))
        folds = max(abs(f).bit_length() for index in self.kept for f in index)
        return network_laws.Depths(folds, steps, levels, products, (k - 1).bit_length())

    @cached_property
    def attention_error(self) -> Fraction:
        """eps of the attention: what a head may leave to wrong offsets."""
        turns = max(sum(map(abs, index)) for index in self.kept)
        with ctx.workprec(PRECISION):
            return self.accuracy / (4 * self.factor * turns * upper(2 * arb.pi()))

    @property
    def read_out_bits(self) -> int:
        """Binary places of the last layer's weights: N roundings cost a five-hundredth of the accuracy at most."""
        return int(len(self.kept) * 500 / self.accuracy).bit_length()

    @property
    def offsets(self) -> list[int]:
        """One head each."""
        return sorted({self.layout.place(i)[0] for i in range(self.coordinates)})

    @property
    def reach(self) -> int:
        """U, at least 1."""
        return max(1, *(abs(r) for r in self.offsets))

    @cached_property
    def chi(self) -> Fraction:
        """The heads' inverse temperature, their largest weight."""
        return offset_laws.dyadic_temperature(self.reach, self.attention_error)

    @property
    def size(self) -> network_laws.Size:
        """What the formulas say of the network of features."""
        return network_laws.size(self.kept, self.depths)

    def gadget(self, x: list[Any]) -> Gadget:
        """The basis functions without their sqrt(2) factors, in the order of `kept`."""
        d = self.depths
        names = sorted({(i, f) for index in self.kept for i, f in enumerate(index) if f})
        values = yield from together([wave(x[i], f, d.folds, d.steps, d.levels) for i, f in names])
        waves = dict(zip(names, values, strict=True))
        used = [index for index in self.kept if index]
        factors = [[waves[i, f] for i, f in enumerate(index) if f] for index in used]
        made = yield from together([tree(each, d.product_levels, d.stages) for each in factors])
        products = dict(zip(used, made, strict=True))
        one = Affine({}, Fraction(1)) if isinstance(x[0], Affine) else 1
        return [products[index] if index else one for index in self.kept]

    @cached_property
    def features(self) -> Network:
        """The compiled network: `coordinates` inputs, N outputs. TooLarge, with its size, when it would not fit into memory."""
        law = self.size
        need = (law.hidden + law.last) * WEIGHT_BYTES
        if need > MEMORY:
            raise TooLarge(
                f"the network of T = {self.T} has N = {len(self.kept)} basis functions and {law.hidden + law.last} weights, about "
                f"{need >> 20} MiB as fractions, above {MEMORY >> 20} MiB: lower T, or take a faster growing a"
            )
        return compiled(self.gadget, self.coordinates)

    def network(self, target: Target) -> Network:
        """The network of one output for a target of this class; coefficients at orders of T and above are left out.

        ValueError for a target of another class, to which the error bounds do not belong.
        """
        if target.smoothness != self.smoothness:
            raise ValueError(
                f"a target of {target.smoothness} in a plan of {self.smoothness}: give a target of the plan's own class"
            )
        given, bits = target.coefficients, self.read_out_bits
        return self.features.read_out(
            [read_out_weight(given.get(index, 0), support(index), bits) for index in self.kept]
        )

    @property
    def last_weight_bound(self) -> Fraction:
        """max(2 max 2^(k/2 - gamma), A) + N 2^-bits: no weight or bias of the last layer is larger, for any target of the class."""
        with ctx.workprec(PRECISION):
            orders = {(support(index), self.smoothness.gamma(block_of(index))) for index in self.kept if index}
            scaled = max(upper(2 * arb(2) ** ball(Fraction(k, 2) - g)) for k, g in orders)
        return max(scaled, self.factor) + Fraction(len(self.kept), 2**self.read_out_bits)

    def _each(self, index: Index) -> tuple[Fraction, Fraction]:
        """2^(k/2) times the error of the network's product of waves, and times what the attention adds; from above."""
        d, k = self.depths, support(index)
        cosine, product = gadget_laws.cosine_error(d.steps, d.levels), gadget_laws.product_error(d.product_levels)
        with ctx.workprec(PRECISION):
            scale, turn = upper(ball(2**k).sqrt()), upper(2 * arb.pi())
        slope = turn * self.attention_error * sum(map(abs, index))
        return scale * gadget_laws.basis_error(k, cosine, product), scale * slope

    def feature_error(self, index: Index) -> Fraction:
        """The a-priori bound on sup |feature - psi_l| over all tokens in [0, 1], sqrt(2) factors included, for a kept index."""
        return sum(self._each(index), Fraction(0))

    def network_error(self, target: Target) -> Fraction:
        """The a-priori bound on sup |network - truncated target| over [0, 1]^d."""
        rounding = Fraction(len(self.kept), 2**self.read_out_bits)
        return sum(
            (abs(Fraction(target.coefficients.get(index, 0))) * self._each(index)[0] for index in self.kept), rounding
        )

    def error(self, target: Target) -> Fraction:
        """The a-priori bound on sup |transformer - truncated target| over all tokens in [0, 1]; at most `accuracy`."""
        turned = (abs(Fraction(target.coefficients.get(index, 0))) * self._each(index)[1] for index in self.kept)
        return sum(turned, self.network_error(target))

    @property
    def class_error(self) -> Fraction:
        """The bound for every target of the unit ball at once: A times the largest error of a basis function, and the roundings."""
        with ctx.workprec(PRECISION):
            worst = max(sum(self._each(index)) / upper(ball(2 ** support(index)).sqrt()) for index in self.kept)
        return self.factor * worst + Fraction(len(self.kept), 2**self.read_out_bits)


def read_out_weight(coefficient: Fraction | int, support: int, bits: int) -> Fraction:
    """c 2^(k/2) to the nearest multiple of 2^-bits (near the middle of two, either)."""
    with ctx.workprec(PRECISION + bits):
        scaled = ball(Fraction(coefficient)) * ball(2**support).sqrt() * 2**bits
        return Fraction(round(upper(scaled)), 2**bits)
