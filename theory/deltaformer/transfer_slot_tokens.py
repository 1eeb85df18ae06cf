"""The tokens of Theorems B, C and D on other variants of the operator."""

from theory.claim import Claim
from theory.deltaformer.false_transfers import refuted
from theory.deltaformer.source import DELTAFORMER

b_under_linear = refuted(
    "b-under-linear",
    "Theorem B's codes, which need not be orthogonal, are read exactly by the linear kernel <x, y> / N.",
    "two codes of 9 signs with inner product 1",
    "codes r_j in place of e_j, linear kernel <x, y> / N, both stages",
    "the second write disturbs the first slot by the inner product; rounding was there to remove it",
    "Q",
)

c_under_linear_and_rounded = Claim(
    id="deltaformer/transfer/c-under-linear-and-rounded",
    statement="Theorem C's tokens with orthonormal codes track exactly on the linear and on the rounded kernel.",
    formula="kappa(e_i, e_j) = [i = j], the exponential kernel's limit",
    quantifier="all programs with n <= 4, S <= 2 (the argument: all n, S)",
    hypotheses=("orthonormal codes", "temporaries clean at the start"),
    source=DELTAFORMER,
    variant="(0,1) (2,0) (0,0) (3,1) (0,3) (1,2) (2,2) (3,3); w free; linear or rounded kernel",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="on orthonormal codes both kernels are the indicator of equal slots, which is what the program is made for",
    argument="""
    The program was verified as slot algebra; on orthonormal codes both kernels are the indicator of equal slots, which that
    algebra assumes, and slots that a token does not name are untouched.
    """,
)

c_under_softmax = refuted(
    "c-under-softmax",
    "Theorem C's tokens track on normalised softmax in the limit of low temperature, with or without positions in the keys.",
    "equal weights on all best matches; with positions all the weight on the newest",
    "(0,1) (2,0) (0,0) (3,1) (0,3) (1,2) (2,2) (3,3); hard limit of softmax over i < t",
    "a normalised kernel does not add up what a slot holds: it averages it, or takes the newest token when nothing matches",
    "Q",
)

d_under_linear = refuted(
    "d-under-linear",
    "Theorem D's tokens with orthonormal codes track on the linear kernel.",
    "(a a) empties slot a: its content minus itself",
    "(a,a) (tau,b) (b,a) (a,tau), writes at the sink; linear kernel",
    "the first token of a swap negates a slot when the newest match counts alone, and empties it when matches add up",
    "Q",
)

d_under_exponential = refuted(
    "d-under-exponential",
    "Theorem D's tokens with orthonormal codes track on the exponential kernel, not normalised, at some temperature.",
    "(a a) leaves at most a share of order 1/z of what slot a held",
    "(a,a) (tau,b) (b,a) (a,tau), writes at the sink; kappa = z^(<x, y> - 1)",
    "as on the linear kernel, up to terms in 1/z",
)

d_with_smaller_beta = Claim(
    id="deltaformer/transfer/d-with-smaller-beta",
    statement="In the limit of infinite gap Theorem D's tokens track with any beta in (0, 1) if what is read is the content with the "
    "largest share: a swap multiplies both contents by beta^2 and does nothing else.",
    formula="a := -beta a, c := -beta b, b := -beta a, a := -beta c:   a becomes beta^2 b, b becomes beta^2 a",
    quantifier="for all n, S, all sequences, all beta in (0, 1]",
    hypotheses=("the weight of every query is 1 on the newest token with its key", "writes of contents have beta = 1"),
    source=DELTAFORMER,
    variant="(a,a) (tau,b) (b,a) (a,tau), writes at the sink; hard limit with positions; beta in (0, 1] on all but writes",
    arithmetic="Q(beta)",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a pointer copies one value, so a smaller beta scales it and mixes nothing; on Theorem A's tokens it mixes, see "
    "smaller-beta-drifts. At a finite gap the share to be seen falls as beta^(2 S), so the gap must grow with S and not with ln S",
    argument="""
    With all weight on the newest key of the slot asked, u = -beta slot_w and slot_k := u. On contents x, y, z of a, b, c the four
    tokens leave a = beta^2 y, b = beta^2 x, c = -beta y, whatever z was, and no other slot is a key: identities in symbols. So every
    slot holds a positive multiple of its content alone, by induction over swaps, and a reader sees beta times that.
    """,
)
