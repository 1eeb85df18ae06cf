"""Theorem C: n slots through an exponential kernel at finite temperature, 8 tokens a swap, two temporaries.

    kappa(x, y) = exp(lam (<x, y> - 1)),  w free,  beta = 1

    write content x into slot j    k = w = r_j    v = e_x
    swap slots a and b             (k, w) = (a b) (c a) (a a) (d b) (a d) (b c) (c c) (d d)    c, d clean temporaries
    read slot j                    q = r_j after the last token, or a token with junk key and w = r_j, whose u is minus it

Why: at infinite temperature the kernel is 1 for equal slots and 0 otherwise, and the tokens are the slot program
`CLEAN_SWAP`. At temperature lam it is off by at most eta = exp(-lam gap), gap = 1 - (the likeness of the codes), and the
bounds of `theory.deltaformer.margins` say what comes of it: the temperature is solved from them. Any unit codes will do,
so head dimension trades for temperature: ceil(log2(n + 3)) signs with gap 2/d, or the circle with gap 8/n^2. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from constructions.deltaformer.coded_tokens import Arithmetic, CodedTokens
from constructions.deltaformer.codes import Code, binary_sign
from constructions.deltaformer.slot_programs import CLEAN_SWAP, SlotTokens, Template, decode
from constructions.deltaformer.temperatures import require_temperature
from constructions.layers.kernels import Exponential
from theory.deltaformer import margins
from theory.formats import FP64, Format
from theory.permutations import Permutation
from theory.programs import SwapProgram

__all__ = ["EXPOSURE", "SPREAD", "ExponentialSwaps", "exposure"]

EXPOSURE = 12
"""What the contents of slots other than the one looked at add up to over the tokens of one swap, at most (`impulse_closure`)."""
SPREAD = 4
"""What the contents after a unit disturbance add up to, at most (`impulse_closure`)."""


def exposure(n: int, swaps: int) -> int:
    """L: at most n over the writes, 12 a swap, 1 for a reader."""
    return n + EXPOSURE * swaps + 1


@dataclass(frozen=True)
class ExponentialSwaps:
    """The construction. `make_code` gives the codes for so many slots, temporaries and junk among them.

    Raises ValueError when the template is no swap, leaves a temporary dirty, or is not one of sum semantics.
    """

    make_code: Callable[[int], Code] = binary_sign
    template: Template = CLEAN_SWAP
    margin: Fraction = margins.HALF

    def __post_init__(self) -> None:
        if self.template.semantics != "sum":
            raise ValueError(
                f"an exponential kernel adds all equal keys; a program of {self.template.semantics} semantics needs softmax"
            )
        self.template.require()

    def code(self, n: int) -> Code:
        """One vector for each of the n slots, the temporaries and junk."""
        return self.make_code(n + self.template.extra_slots)

    def temperature(self, program: SwapProgram) -> Fraction:
        """The temperature solved from the linear bound: every reading is within `margin` of the right one."""
        tokens = program.n + len(self.template.tokens) * len(program.proper) + 1
        return margins.linear_temperature(
            tokens, exposure(program.n, len(program.proper)), SPREAD, self.code(program.n).gap, self.margin
        )

    def compile(self, program: SwapProgram, readers: bool = False) -> CodedTokens:
        """Tokens in time order; with `readers` one more a slot, whose u is minus what the slot holds."""
        slots, code = SlotTokens.compile(program, self.template, readers), self.code(program.n)
        return CodedTokens(slots, code.unit[slots.keys], code.vectors[slots.writes], code.vectors[: program.n])

    def kernel(self, temperature: Fraction) -> Callable[[Any], Exponential]:
        """The kernel for a number type."""
        return lambda number: Exponential(number(temperature))

    def run(
        self,
        program: SwapProgram,
        temperature: Fraction | None = None,
        arithmetic: Arithmetic = "fp64",
        fmt: Format = FP64,
    ) -> Permutation:
        """What each slot holds after the program; the temperature is solved when None.

        Raises ValueError when a score, at most twice the temperature in size, overflows `fmt`, and when a reading is no
        content.
        """
        temperature = self.temperature(program) if temperature is None else temperature
        require_temperature(temperature, fmt, span=2)
        _, read = self.compile(program).stages(self.kernel(temperature), arithmetic)
        return decode(read, float(margins.HALF))
