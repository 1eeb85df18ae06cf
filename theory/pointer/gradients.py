"""What trains the scores: nothing with a hard argmax; softmax weights, straight through or soft; and what falls with temperature."""

from theory.claim import Claim
from theory.pointer.source import LAYER, POINTER

hard_argmax = Claim(
    id="pointer/gradients/hard-argmax",
    statement="With hard selection the score parameters get no gradient: the output does not change at all while scores change by less "
    "than half the least gap between a target and its best rival.",
    formula="|s'_ij - s_ij| < gap / 2 for all i, j  =>  p' = p, H' bitwise the same;   d loss / d (W_q, W_k) = 0",
    quantifier="for all inputs and parameters where no two candidates with different rows tie, which is almost everywhere",
    hypotheses=("ties: first or last",),
    source=POINTER,
    variant=LAYER,
    arithmetic="integers in fp64, exact",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="two scores differ by a polynomial in the parameters, identically zero where the rows are equal, or for all candidates "
    "where the query's row is 0, and else nonzero but on a set of measure 0; where none is zero their order, hence the target, is "
    "locally constant, and nothing else looks at the scores",
)

softmax_derivative = Claim(
    id="pointer/gradients/softmax-derivative",
    statement="Straight-through and soft selection both give the score of candidate k the gradient w_k <g, r_k - z> / T, z the mean of "
    "the candidates' rows r with softmax weights w; it vanishes for every g and every k only where all rows are equal.",
    formula="d <g, z> / d s_k = w_k <g, r_k - z> / T",
    quantifier="for all numbers of candidates, scores, rows, g and T > 0",
    source=POINTER,
    variant=f"{LAYER}; z = sum_k w_k r_k, w = softmax(s / T), or the target's row with this gradient",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a quotient of sums of exponentials; weights are positive, so a zero gradient for every g means r_k = z",
    argument="""
    Let a = exp(s_k / T), B and R the sums of exp(s_j / T) and of exp(s_j / T) r_j over the other candidates, which do not depend on
    s_k. Then z = (a r_k + R) / (a + B), w_k = a / (a + B), and d a / d s_k = a / T, so
        d z / d s_k = (a / T) (r_k (a + B) - (a r_k + R)) / (a + B)^2 = w_k (r_k - z) / T,
    an identity in a, B, R, r_k, T, whatever the number of candidates. w_k > 0; if r_k = z for all k, all rows are equal.
    The straight-through form adds to the target's row (w - w*) applied to rows held constant, w* the weights held constant: zero in
    value, and its derivative in s_k is that of sum_j w_j r_j.
    """,
)

cold = Claim(
    id="pointer/gradients/cold-softmax",
    statement="As the temperature falls, the soft gradient goes to zero, exponentially, wherever one candidate leads by a gap; where m "
    "candidates tie it grows like 1 / T. It does not converge to a gradient that hard selection could use.",
    formula="gap > 0:  |d z / d s_k| <= n e^(-gap / T) R / T,  n rivals, R the largest |r_j - r_k|;   m equal: (r_k - mean) / (m T)",
    quantifier="for all numbers of candidates, rows in R, T > 0",
    source=POINTER,
    variant="z = sum_k w_k r_k, w = softmax(s / T)",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="every weight but the leader's is at most e^(-gap / T), and the leader's row differs from the mean by the others' weights",
    argument="""
    By softmax-derivative d z / d s_k = w_k (r_k - z) / T. With p the leader,
        r_p - z = sum_{j != p} w_j (r_p - r_j),
    an identity given sum_j w_j = 1: with u = 1 - w_p the others' weight and V = sum_{j != p} w_j r_j it says
    r_p - ((1 - u) r_p + V) = u r_p - V. A rival has w_j / w_p = e^(-(s_p - s_j) / T) <= e^(-gap / T) and w_p <= 1. So for k = p
    |d z / d s_p| <= n e^(-gap / T) R / T, and for a rival w_k |r_k - z| <= e^(-gap / T) R, z being a mean of the rows. If all m
    candidates tie, w = 1 / m for every T and the derivative is (r_k - mean) / (m T). T^-1 e^(-gap / T) goes to 0 with T, as
    e^x >= x^2 / 2 for x = gap / T >= 0, so T^-1 e^(-gap / T) <= 2 T / gap^2.
    """,
)

detector = Claim(
    id="pointer/gradients/collapse-detector",
    statement="The collapse detector flags a layer all of whose positions point at one target, one whose scores tie in every row, and "
    "one whose score parameters get no gradient, each for its own reason, and passes a healthy layer.",
    quantifier="for the layers named",
    source=POINTER,
    variant=LAYER,
    arithmetic="fp64",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="each sign is counted from the layer's own scores, pointers and gradients, and each layer is built to show just its own",
)
