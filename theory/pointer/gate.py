"""The gate: what z = h_p * Gate(h_i) can take away, and what it cannot."""

from theory.claim import Claim
from theory.pointer.source import POINTER, POINTER_TOLD

GATED = "h'_i = h_i + h_{p_i} * Gate(h_i), coordinate by coordinate, pointers held fixed"

sigmoid_removes = Claim(
    id="pointer/gate/sigmoid-removes",
    statement="For some own row a sigmoid gate takes the gathered coordinate away exactly.",
    formula="sigmoid(x) = 0 for some real x",
    quantifier="over R",
    source=POINTER_TOLD,
    variant=GATED,
    arithmetic="R",
    paper="a gate on the gathered row",
    expected="refuted",
    strength="derived",
    reason="sigmoid(x) (1 + e^-x) = 1, so neither factor is 0",
    argument="""
    A gathered coordinate is gone for every gathered row exactly if the gate is 0. The zeros of a gate over R are the solutions of one
    equation, which computer algebra solves: none for the sigmoid, since its product with 1 + e^-x is 1.
    """,
)

underflow = Claim(
    id="pointer/gate/sigmoid-underflows",
    statement="Rounded to a number format the sigmoid is exactly 0 from an input on: -17.34375 and below in fp16, -93 in bf16, about "
    "-103.97 in fp32, -745.13 in fp64; and at no larger number of the format.",
    formula="sigmoid(x) rounds to 0  iff  x <= -log(1/T - 1),  T = half the least subnormal = 2^(emin - p): about -(p - emin) log 2; "
    "flushed: T = the least normal less half a spacing",
    quantifier="for each format named, all inputs of the format",
    hypotheses=("rounding to nearest, ties to even", "the sigmoid correctly rounded"),
    source=POINTER,
    variant=GATED,
    arithmetic="fp64, fp32, tf32, bf16, fp16, fp8",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="the sigmoid increases; (11 + 14) log 2 = 17.33 and fp16 counts there by 2^-6, (8 + 126) log 2 = 92.9 and bf16 by 1/2, "
    "(24 + 126) log 2 = 103.97, (53 + 1022) log 2 = 745.13",
)

composed = Claim(
    id="pointer/gate/composed-sigmoid",
    statement="Computed as 1 / (1 + e^-x), every operation rounded, the gate is 0 as soon as e^-x overflows: from -11.09375 in fp16, "
    "-89 in bf16, about -88.72 in fp32, -709.78 in fp64; in fp8 E4M3FN, which has no infinity, it is NaN from -6.5 on.",
    formula="e^-x overflows  iff  x <= -log(max + half a spacing);  1 / (1 + max) does not round to 0",
    quantifier="for each format named, all inputs of the format",
    hypotheses=(
        "rounding to nearest, ties to even",
        "each operation correctly rounded in the format",
        "gradual underflow",
    ),
    source=POINTER,
    variant=GATED,
    arithmetic="fp64, fp32, tf32, bf16, fp16, fp8",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="one over infinity is 0, while one over the greatest finite number rounds to a subnormal at the least; log 65520 = 11.09 "
    "and 128 log 2 = 88.72, where bf16 counts by 1/2",
)

exact_zero = Claim(
    id="pointer/gate/exact-zero",
    statement="A ReLU or a hard-sigmoid gate takes a gathered coordinate away exactly, in every format: its value is 0 from an input "
    "on (0, -3), and 0 times a finite number is 0; for other own rows it passes the coordinate unchanged.",
    formula="max(x, 0) = 0 for x <= 0, 1 at 1;   min(max(x/6 + 1/2, 0), 1) = 0 for x <= -3, 1 for x >= 3",
    quantifier="for all finite gathered numbers of each format",
    source=POINTER,
    variant=GATED,
    arithmetic="Q, and fp64 to fp8 with products rounded",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="both are constant 0 on a half line, and 0 and 1 are in every format",
)

removes_infinity = Claim(
    id="pointer/gate/zero-removes-anything",
    statement="A gate that is exactly 0 takes away whatever number was gathered.",
    formula="0 * h = 0",
    quantifier="for all h of fp16, infinities and NaN included",
    source=POINTER,
    variant=GATED,
    arithmetic="fp16",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="0 times infinity is NaN; a gathered row that has overflowed goes through a closed gate",
)

keeps_own = Claim(
    id="pointer/gate/own-row-stays",
    statement="Whatever the gate, it cannot take the own row away where the target is another position: own rows that differ give "
    "outputs that differ, if what is gathered is 0.",
    formula="h_i + 0 * Gate(h_i) = h_i",
    quantifier="for all gates, all h_i, p_i other than i",
    hypotheses=("residual connection", "no gate on the residual"),
    source=POINTER,
    variant=GATED,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the gate multiplies the gathered row alone",
    argument="""
    The output as a function of the own row x, the gathered row y and an arbitrary gate g is x + y g(x). At y = 0 it is x for all x, an
    identity in which g is a function symbol. So no gate makes the output independent of the own row.
    """,
)

own_always = Claim(
    id="pointer/gate/own-row-stays-everywhere",
    statement="Whatever the gate and wherever a position points, the output depends on the own row.",
    formula="p_i = i:  h_i + h_i * Gate(h_i) = h_i (1 + Gate(h_i))",
    quantifier="for all constant gates, all pointers",
    source=POINTER,
    variant=GATED,
    arithmetic="integers",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a gate that may be -1, such as a linear one, cancels the residual of a position that points at itself; a gate that is "
    "never negative does not",
)

no_larger = Claim(
    id="pointer/gate/no-larger-support",
    statement="With pointers fixed no gate makes an output depend on an input it did not depend on without: 2^L stays the bound.",
    formula="J_i' = (1 + h_p Gate'(h_i)) J_i + Gate(h_i) J_p:  coefficients on the same two rows, whatever they are",
    quantifier="for all tables with N = 2, L <= 2 and N = 3, L = 1, coefficients of the own row in 0, 1, 2, of the other in -1, 0, 1",
    source=POINTER,
    variant=GATED,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the gate reads the own row, which is read already; see reach/residual for all N and L",
)

content = Claim(
    id="pointer/gate/by-content",
    statement="The gate of one layer can let a gathered row pass or not by what is in it, for example a positive number only.",
    formula="h_p * Gate(h_i) = max(h_p, 0) for all h_p, h_i",
    quantifier="for some gate, any function of the own row",
    hypotheses=("the target is another position",),
    source=POINTER,
    variant=GATED,
    arithmetic="integers",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="the same own row has the same gate: 1 gathered asks for 1, -1 gathered for 0",
)

two_layers = Claim(
    id="pointer/gate/by-content-in-two-layers",
    statement="Two layers with the same pointer can: the first gathers the number into a spare coordinate of the own row, whose "
    "value gates the second.",
    formula="hard_sigmoid(6 m - 3) = m kept within 0 and 1, m the copy of the gathered integer",
    quantifier="for all integers h_p in -64..64, own value 0..2 (the copy is exact for all integers)",
    hypotheses=("integer values, width 2, the own copy 0 before",),
    source=POINTER,
    variant=f"{GATED}; hard-sigmoid gates with biases",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="after one layer what was gathered is in the own row, where the next gate sees it",
)

__all__ = [
    "composed",
    "content",
    "exact_zero",
    "keeps_own",
    "no_larger",
    "own_always",
    "removes_infinity",
    "sigmoid_removes",
    "two_layers",
    "underflow",
]
