"""Theorem E, reachability with a token an edge, on other variants of the operator: linear, rounded, exponential, softmax."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

_TOKENS = "edge x -> y: k = r_y, w = -r_x, v = e_x; reader of y, by itself: w = -r_y, v = e_y"
_TURNED = "edge x -> y: k = r_y, w = r_x, v = e_x; reader of y, by itself: w = r_y, v = e_y; beta = -1"


def _refuted(name: str, statement: str, formula: str, variant: str, reason: str, arithmetic: str) -> Claim:
    return Claim(
        id=f"deltaformer/transfer/{name}",
        statement=statement,
        formula=formula,
        quantifier="for all directed acyclic graphs"
        + ("; for some temperature log z > 0" if arithmetic == "Q(z)" else ""),
        source=DELTAFORMER,
        variant=variant,
        arithmetic=arithmetic,
        paper="(a tempting reading)",
        expected="refuted",
        strength="exhausted",
        reason=reason,
    )


e_under_linear = _refuted(
    "e-under-linear",
    "With sign codes and the linear kernel <x, y> / D Theorem E counts paths, as it does with one-hot codes.",
    "one coordinate: <r_0, -r_0> = -1 and <r_1, -r_0> = +1",
    f"{_TOKENS}; linear kernel; sign codes",
    "codes that are not orthogonal see each other: the reader of 0 subtracts the edge into 1",
    "Q",
)

e_under_rounded = Claim(
    id="deltaformer/transfer/e-under-rounded",
    statement="With any codes of coherence below 1/2 and the kernel <x, y> / N rounded to the nearest integer Theorem E counts paths: "
    "those of Theorem B do, in O(log n) dimensions.",
    formula="round(<r_a, -r_b> / N) = -[a = b]  when  |<r_a, r_b>| < N/2 for a != b",
    quantifier="for all directed acyclic graphs, all codes of coherence below 1/2",
    hypotheses=("|r_j|^2 = N", "|<r_i, r_j>| < N/2 for i != j", "as in edge-tokens"),
    source=DELTAFORMER,
    variant=f"{_TOKENS}; kappa = <x, y> / N rounded to the nearest integer; beta = 1",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a key and a write are single codes here, so one inner product enters where four do in a swap, and 1/2 is enough",
    argument="""
    In every pattern of equality of the two nodes <r_y, -r_x> / N is -1, or minus one inner product of different codes over N, below 1/2
    in absolute value, which rounding makes 0. So the kernel is -delta, and edge-tokens applies.
    """,
)

e_under_exponential = _refuted(
    "e-under-exponential",
    "Theorem E's tokens decide reachability on the exponential kernel at some temperature: positive exactly when reachable.",
    "kappa(e_1, -e_0) = z^-1, kappa(e_1, -e_1) = z^-2",
    f"{_TOKENS}; kappa = z^(<x, y> - 1); one-hot codes; beta = 1",
    "the kernel is positive, so an edge is subtracted from what its reader holds",
    "Q(z)",
)

e_under_exponential_turned = Claim(
    id="deltaformer/transfer/e-under-exponential-turned-round",
    statement="With w = +r_x and beta = -1 the exponential kernel counts paths up to an error below 1/2, at a temperature of "
    "O(log T + log C), C the greatest count: linear in n at worst, where Theorem C needs log T.",
    formula="eta = exp(-lam (1 - mu)) <= 2 / ((2 C + 1) C T (T-1)):   error <= C rho / (1 - rho) <= 1/2,  rho = eta C T (T-1) / 2",
    quantifier="for all directed acyclic graphs, T tokens, no count of paths above C; all unit codes of likeness at most mu < 1",
    hypotheses=("as in edge-tokens", "T >= 2; the error is below 1/2, not 1/2, when eta is below its bound"),
    source=DELTAFORMER,
    variant=f"{_TURNED}; kappa = exp(lam (<x, y> - 1))",
    arithmetic="R; exhausted in float64",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the inverse without leaks has entries up to C and not 1, and each leak passes through it twice",
    argument="""
    Matches have weight 1, other keys E with 0 <= E <= eta: U~ = (I - N - E)^{-1} V. R0 = (I - N)^{-1} counts paths of the line graph,
    0 <= R0 <= C, and (I - R0 E) U~ = U = R0 V, 0 <= U <= C. E is strictly lower, so row t of R0 E adds up to at most
    C eta sum_{i<t} (t - i) <= C eta T (T-1) / 2 = rho, and for rho < 1 the error is at most (rho + rho^2 + ...) C = C rho / (1 - rho).
    With rho <= 1 / (2 C + 1) that is at most 1/2, an identity in C. E >= 0, so errors are >= 0: nothing is missed, and unreachable
    pairs stay below 1/2.
    """,
)

e_under_softmax = _refuted(
    "e-under-softmax",
    "Theorem E's tokens decide reachability on normalised softmax at some temperature: positive exactly when reachable.",
    "one earlier key: weight 1, whatever it is",
    f"{_TOKENS}; softmax weights over i < t; one-hot codes; beta = 1",
    "weights are positive, so an edge is subtracted from what its reader holds",
    "Q(z)",
)

e_under_softmax_limit = Claim(
    id="deltaformer/transfer/e-under-softmax-with-sink",
    statement="With w = +r_x, beta = -1 and a sink normalised softmax at temperature zero decides reachability with a token an edge: a "
    "reader is positive exactly when its node is reached. Counts are lost.",
    formula="u_e = e_x + mean of u_f over the earlier edges f that end at x, or e_x alone at the sink",
    quantifier="for all simple directed acyclic graphs on n <= 4 nodes (the argument: all)",
    hypotheses=(
        "as in edge-tokens",
        "the sink comes first, has value 0, and weighs more than other codes, less than a match",
    ),
    source=DELTAFORMER,
    variant=f"{_TURNED}; equal weights on all best matches, a sink",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="a mean of numbers that are not negative is positive exactly when one of them is",
    argument="""
    All values are >= 0 by induction. u_e[s] is positive exactly when x_e = s or some earlier edge that ends at x_e has a positive
    value; in topological order all edges that end at x_e are earlier. By induction along the list: exactly when s reaches x_e. A
    reader of y is positive for s = y, or when an edge into y is.
    """,
)
