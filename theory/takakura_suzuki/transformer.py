"""The explicit transformer of a target given by its coefficients: size, weights and error, all by formula."""

from theory.claim import Claim
from theory.takakura_suzuki.source import DERIVED

EXPLICIT = "a head for each offset, then one ReLU network; weights from constructions/takakura_suzuki/transformer.py"

size = Claim(
    id="takakura-suzuki/transformer/size",
    statement="The explicit transformer of level T has N = G(T) features, and its depth, width and number of weights that are "
    "not zero are "
    "those of the formulas, exactly.",
    formula="N = G(T);  depth = C + 1 + J (m + 1) + ceil(log2 k) (J' + 1);  width and weights by "
    "theory.takakura_suzuki.network_laws.size",
    quantifier="for mixed a_i = i, i^2, anisotropic a_i = i^2, and T = 2..4 in the quick budget, 2..7 in the full one",
    source=DERIVED,
    variant=EXPLICIT,
    arithmetic="Q",
    paper="depth of the order of T^2, size of T^2 2^(T / a_1) up to logarithms",
    expected="confirmed",
    strength="exhausted",
    reason="waves are shared by all products, and each gadget's layers are counted",
)

weights = Claim(
    id="takakura-suzuki/transformer/weights",
    statement="Hidden weights and biases of the network are at most 4, those of the last layer at most max(2 max 2^(k/2 - gamma), A), "
    "which for mixed smoothness with a_1 > 1/2 stays bounded as T grows, and below 4 whatever T for a_i = i and i^2.",
    formula="A^2 = sum over gamma(s) < T of 2^(|s| + k - 2 gamma(s)) <= prod_i (1 + 2 / (2^(2 a_i - 1) - 1))",
    quantifier="for every target of the unit ball, whose weights are sums of those of single functions; mixed a_i = i, i^2, and "
    "T = 2..4 in the quick budget, 2..7 in the full one",
    hypotheses=("mixed smoothness", "a_1 > 1/2"),
    source=DERIVED,
    variant=EXPLICIT,
    arithmetic="Q for the weights, balls for A",
    paper="entries bounded by B",
    expected="confirmed",
    strength="exhausted",
    reason="|c_l| <= 2^-gamma in the ball, Cauchy and Schwarz bound the bias by A, and the sum over blocks is a product of "
    "geometric series: 4.20 for a_i = i, where 16 is allowed",
)

below_four = Claim(
    id="takakura-suzuki/transformer/last-layer-below-four",
    statement="For mixed smoothness with a_i >= i no weight or bias of the last layer reaches 4, for any T and any target of the unit "
    "ball: inner and last layers alike stay within 4.",
    formula="A^2 <= prod_{i>=1} (1 + 2 / (2^(2 i - 1) - 1)) < 21/5 < 16;  2 * 2^(k/2 - gamma) <= 2^(1/2)",
    quantifier="for all T and all a with a_i >= i",
    hypotheses=("mixed smoothness", "a_i >= i for every i"),
    source=DERIVED,
    variant=EXPLICIT,
    arithmetic="R (balls)",
    paper="entries bounded by B",
    expected="confirmed",
    strength="exhausted",
    reason="each factor of A^2 falls as a_i grows, and gamma >= 1 + ... + k >= k for k coordinates",
    argument="""
    A^2 = sum over gamma(s) < T of 2^(|s| + k - 2 gamma) is below the product over i of 1 + sum_{s>=1} 2^(s + 1 - 2 a_i s), each of
    which falls with a_i; for a_i = i the factors beyond M are below exp(sum_{i>M} 4 * 2^(1 - 2 i)) <= exp(4^(2 - M)). A weight is 2 c
    2^(k/2) at most, |c| <= 2^-gamma, and 2 * 2^(k/2 - k) <= 2^(1/2) for k >= 1. Rounding adds N 2^-bits, at most 1/500.
    """,
)

attention_error = Claim(
    id="takakura-suzuki/transformer/heads",
    statement="Each head reads its coordinate with the error its temperature was solved for, whatever the tokens in [0, 1].",
    formula="|read - x_r| <= leak <= eps_attention = 2^-T / (8 pi A max sum |l_i|)",
    quantifier="for mixed a_i = i and anisotropic a_i = i^2, T = 2..4 in the quick budget, 2..7 in the full one, all tokens in [0, 1]",
    source=DERIVED,
    variant=EXPLICIT,
    arithmetic="R",
    paper="attention extracts the important offsets",
    expected="confirmed",
    strength="exhausted",
    reason="a head reads a mean, off by at most the share of the wrong keys; the worst tokens are 0 at the offset and 1 elsewhere",
)

error = Claim(
    id="takakura-suzuki/transformer/error",
    statement="For every target of the unit ball the transformer is within 2^-T of the target truncated at T, in the sup norm; on one "
    "coordinate this is seen on the whole interval, and a single wave reaches half of the network's bound where J > 2 m.",
    formula="sup |transformer - f_T| <= A max (k eps_cos + (k - 1) eps_product + 2 pi eps_attention sum |l_i|) + N 2^-(bits + 1) "
    "<= 2^-T",
    quantifier="for mixed a_i = i, i^2, anisotropic a_i = i^2, T = 2..4 in the quick budget, 2..7 in the full one; whole "
    "interval for the targets named",
    hypotheses=("the bounds on waves, products and heads",),
    source=DERIVED,
    variant=EXPLICIT,
    arithmetic="Q for the network, balls for the target",
    paper="error 2^-T with G(T) basis functions",
    expected="confirmed",
    strength="exhausted",
    reason="each source of error was given its share of 2^-T when the depths were solved",
)
