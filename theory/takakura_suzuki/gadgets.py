"""ReLU gadgets with explicit weights: squaring, folding of frequencies, cosine, product, and products of waves."""

from theory.claim import Claim
from theory.takakura_suzuki.source import DERIVED

RELU = "ReLU networks with the explicit weights of constructions/takakura_suzuki/gadgets.py"
EXACT = "Q for the network, balls for the cosine"

squaring = Claim(
    id="takakura-suzuki/gadgets/squaring",
    statement="J sawtooth levels give the interpolation of t^2 at the multiples of 2^-J: never below t^2, above it by "
    "at most "
    "4^-(J+1), which is reached in the middle of every piece.",
    formula="S_J(t) = t - sum_{j<=J} g^(j)(t) / 4^j;   0 <= S_J(t) - t^2 <= 4^-(J+1) on [0, 1]",
    quantifier="for all J, all t in [0, 1]",
    source=DERIVED,
    variant=RELU,
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="chord less parabola is (t - a)(b - t), at most h^2 / 4, and halving the mesh takes h^2 / 4 away at the "
    "middle",
    argument="""
    Let a < b be neighbouring multiples of h = 2^-(J-1) and S_(J-1) the chord of t^2 on [a, b]. At the middle the chord exceeds the
    square by h^2 / 4 = 4^-J. g^(J) is the sawtooth that is 0 at multiples of h, 1 at their middles and linear between, so S_J =
    S_(J-1) - g^(J) / 4^J agrees with t^2 at a, b and the middle and is linear between: the interpolation at the multiples of h / 2.
    S_0(t) = t begins the induction. The two identities are chord - t^2 = (t - a)(b - t), whose maximum (b - a)^2 / 4 lies at the
    middle, and that the chord at the middle exceeds the square by (b - a)^2 / 4.
    """,
)

folding = Claim(
    id="takakura-suzuki/gadgets/frequency-folding",
    statement="Folding by the tent map doubles a frequency without error: a wave of integer frequency k < 2^C costs C + "
    "1 layers of two "
    "neurons and no accuracy, with weights at most 4.",
    formula="cos(pi g^(C+1)(k x / 2^C)) = cos(2 pi k x);   cos(pi g^(C+1)((k x + 3/4) / 2^C)) = sin(2 pi k x)",
    quantifier="for all C, all integers 0 < k < 2^C, all x in [0, 1]",
    source=DERIVED,
    variant=RELU,
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="g(t) is 2 t or 2 - 2 t, and the cosine of pi times either is cos(2 pi t); (k x + 3/4) / 2^C stays in [0, "
    "1]",
    argument="""
    For t in [0, 1/2] g(t) = 2 t, for t in [1/2, 1] g(t) = 2 - 2 t, and cos(pi g(t)) = cos(2 pi t) in both. So cos(pi g^(n)(t)) =
    cos(2^n pi t) by induction, g mapping [0, 1] to itself, and n = C + 1 with t = y / 2^C in [0, 1] gives cos(2 pi y). y = k x is at
    most 2^C - 1, and so is y = k x + 3/4 at most 2^C; cos(2 pi k x + 3 pi / 2) = sin(2 pi k x).
    """,
)

cosine = Claim(
    id="takakura-suzuki/gadgets/cosine",
    statement="One squaring and m logistic steps of J levels each give cos(pi z) on all of [0, 1] with the error of the "
    "formula, about "
    "0.43 / 4^m for J = 2 m + 2; from m = 3 on at least three quarters of the bound is reached.",
    formula="2 d (27 pi / 256 + d) + 2 (4^m (c 4^-(J+1) + |c - pi^2 / 4^(m+1)|) + 4^-J (4^m - 1) / 3),  d = 2^m "
    "arcsin(pi / 2^(m+1)) - pi / 2",
    quantifier="for m <= 3 in the quick budget, m <= 5 in the full one, J named; all z in [0, 1]",
    source=DERIVED,
    variant=RELU,
    arithmetic=EXACT,
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="sin^2(2^m phi) follows the logistic map exactly; taking theta^2 for sin^2(theta) moves the angle by at "
    "most d z^3, and a step "
    "multiplies what a squaring adds by at most 4",
)

small_cosine = Claim(
    id="takakura-suzuki/gadgets/small-cosine",
    statement="With two logistic steps of four levels the network is within 1/25 of cos(pi z) on all of [0, 1]; the trusted "
    "checker's own cosine says so at every corner of the network.",
    formula="at each corner |network - cos(p z)| + |pi - p| + (pi (b - a))^2 / 8 <= 1/25, b - a the longer piece beside it",
    quantifier="for m = 2, J = 4, all z in [0, 1]",
    source=DERIVED,
    variant=RELU,
    arithmetic="Q for the network, rational enclosures for the cosine",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="the formula allows 0.077, of which 0.033 for the angle; the rest is for squarings that would all have to err most at "
    "one place",
)

wave = Claim(
    id="takakura-suzuki/gadgets/wave",
    statement="cos(2 pi k x) and sin(2 pi k x) are within the cosine's bound on all of [0, 1] whatever the integer "
    "frequency k.",
    formula="sup_x |wave_k(x) - cos(2 pi k x)| <= eps_cos(m, J), independent of k",
    quantifier="for k <= 3 in the quick budget, k <= 15 in the full one, sines and cosines, all x in [0, 1]",
    source=DERIVED,
    variant=RELU,
    arithmetic=EXACT,
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="folding is exact, and its image of [0, 1] lies in the cosine's domain",
)

product = Claim(
    id="takakura-suzuki/gadgets/product",
    statement="Two squarings multiply two numbers of [-1, 1] with an error of at most 4^-(J'+1), which is reached; the "
    "result stays in "
    "[-1, 1].",
    formula="|S(|u + v| / 2) - S(|u - v| / 2) - u v| <= 4^-(J'+1)",
    quantifier="for all J', all u, v in [-1, 1]",
    hypotheses=("the bound on one squaring",),
    source=DERIVED,
    variant=RELU,
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="both squarings err upwards by at most 4^-(J'+1), and the product is their difference; at u = v one of "
    "them is exact",
    argument="""
    u v = ((u + v) / 2)^2 - ((u - v) / 2)^2. Each square is taken of a number in [0, 1] and replaced by S, which lies between the square
    and the square plus 4^-(J'+1) and in [0, 1]. A difference of two numbers of [0, e] lies in [-e, e], a difference of two
    numbers of [0, 1] in [-1, 1]. With u = v half a mesh from a node the second is exact and the first errs by e.
    """,
)

basis = Claim(
    id="takakura-suzuki/gadgets/basis-function",
    statement="A product of k waves, multiplied in a tree, is off by at most 2^(k/2) (k eps_cos + (k - 1) 4^-(J'+1)).",
    formula="|psi - network| <= 2^(k/2) (k eps_cos + (k - 1) 4^-(J'+1))",
    quantifier="for all k and all trees of products",
    hypotheses=("factors and products in [-1, 1]",),
    source=DERIVED,
    variant=RELU,
    arithmetic=EXACT,
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="|u' v' - u v| <= |u' - u| + |v' - v| in [-1, 1], and each of the k - 1 products adds its own error",
    argument="""
    Let p and q be products of i and j waves, p' and q' their networks, all in [-1, 1], with |p - p'| <= e_i, |q - q'| <= e_j. From
    p q - p' q' = (p - p') q + p' (q - q'), an identity, |p q - p' q'| <= e_i + e_j, and the product gadget adds e: e_(i+j) = e_i +
    e_j +
    e. With e_1 = eps_cos the formula e_k = k eps_cos + (k - 1) e satisfies the recursion, whatever the tree.
    """,
)

weights = Claim(
    id="takakura-suzuki/gadgets/weights",
    statement="Every weight and bias of a hidden layer of every gadget is at most 4 in absolute value, and depth, width "
    "and the number of "
    "weights that are not zero are those of the formulas.",
    formula="|w| <= 4;  a wave: C + 1 + J (m + 1) layers, 3 neurons wide, 3 + [sine] + 5 C + (8 J - 4) + m (8 J - 5) "
    "weights and biases",
    quantifier="for k <= 3 in the quick budget, k <= 31 in the full one, m <= 4, 3 <= J <= 10",
    source=DERIVED,
    variant=RELU,
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="k / 2^C, 1/2, 2, 4, c < 1 and powers of 1/4 are all that occurs; the factor 2^C of the frequency is "
    "spread over C + 1 layers",
)
