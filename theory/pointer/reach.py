"""How far a stack of pointer layers carries values: chains, residual gathers, and what selection adds to them."""

from theory.claim import Claim
from theory.pointer.source import POINTER

FIXED = "h'_i = F(h_i, h_{p_i}), pointers held fixed; norm, gate and feed-forward act on the two rows inside F"
CHAINED = "h'_i = F(h_{p_i}), no residual, pointers held fixed"
SELECTED = "p_i = argmax_j s_ij with s_ij = x_j over all j, the first of equal scores; h'_i = x_{p_i}, or x_i + x_{p_i}"

chain = Claim(
    id="pointer/reach/chain",
    statement="A pure chain of L layers comes by at most L + 1 positions and its output depends on one of them alone; L + 1 are "
    "visited from N = L + 1 positions on, by p_i = i - 1.",
    formula="h_i^(L) depends on h_c^(0) alone,  c = p^(1)(p^(2)(... p^(L)(i)));  |{i, p^(L)(i), ..., c}| <= min(N, L + 1)",
    quantifier="for all N >= 1, L >= 0, all pointer tables, all F",
    hypotheses=(
        "one head",
        "neither residual nor a gate of the own row, which reads the own row as well",
        "a position that points nowhere has a constant output",
    ),
    source=POINTER,
    variant=CHAINED,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="each layer reads one row and forgets the own one",
    argument="""
    Let D_l(i) be the inputs that output i of layer l depends on; D_0(i) = {i}. F reads the row of p_i alone, so D_l(i) is within
    D_{l-1}(p_i) and has at most as many elements as that, in deltas: row i of the path counts after a layer is row p_i of those
    before it, and its sum stays 1, the sum of row i of the identity. One path, one input. The positions it comes by are the start
    and one more a layer, at most L + 1. With p_i = i - 1 they are i, i - 1, ..., i - L, all different, if i >= L; so N >= L + 1, which
    is needed, as there are no more than N positions.
    """,
)

residual = Claim(
    id="pointer/reach/residual",
    statement="With residual gathers an output depends on at most 2^L inputs, and p_i = i - 2^(l-1) in layer l attains it at every "
    "position i >= 2^L - 1; the most that N positions allow is min(N, 2^L), of which position i has min(i + 1, 2^L) causally.",
    formula="paths = 2^L for every output that points somewhere in every layer;  inputs <= paths;  max over tables = min(N, 2^L)",
    quantifier="for all N >= 1, L >= 0, all pointer tables, all F",
    hypotheses=("one head",),
    source=POINTER,
    variant=FIXED,
    arithmetic="integers",
    paper="2^K+ dependency paths",
    expected="confirmed",
    strength="derived",
    reason="a layer joins two sets of inputs, so their number at most doubles; distances in binary have each one path",
    argument="""
    Let D_l(i) be the inputs that output i of layer l depends on; D_0(i) = {i} and D_l(i) is within D_{l-1}(i) joined with
    D_{l-1}(p_i), whatever F is. (1) Count paths: the sum of row i after a layer is that of row i and that of row p_i before, so if all
    row sums are T before a layer they are 2 T after it; they begin with 1. A row has no more non-zero entries than its sum, as
    entries are integers and not negative. Hence |D_L(i)| <= 2^L, the Jacobian's support too.
    (2) p_i = i - o_l: far from the edge the row of i is the polynomial prod_l (1 + x^(o_l)), the power of x being the distance.
    With X = x^(o_l):  (1 + X) (1 - X) = 1 - X^2, and o_{l+1} = 2 o_l makes X^2 the X of the next layer, so that the product is
    (1 - x^(2^L)) / (1 - x) = 1 + x + ... + x^(2^L - 1) for o_1 = 1: 2^L distances, one path each. The smallest position at which no
    path leaves the table is i = 2^L - 1, and N = 2^L is the least N that has it or any set of 2^L inputs.
    (3) Near the edge see left-edge. Causally only the i + 1 inputs up to i are there.
    """,
)

left_edge = Claim(
    id="pointer/reach/left-edge",
    statement="At the left edge p_i = i - 2^(l-1) still reaches every input 0..i from position i < 2^L - 1, whether a hop beyond the "
    "edge gathers nothing or position 0: with nothing there are i + 1 paths, with position 0 there are 2^L. Around the edge every "
    "output has min(N, 2^L) inputs.",
    formula="none: counts 1 for each j <= i within 2^L;  clamp: the same inputs, 2^L paths;  wrap: min(N, 2^L) inputs, 2^L paths",
    quantifier="for all N >= 1, L >= 0, all positions i",
    source=POINTER,
    variant=FIXED,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="hops go one way, so a path that ends inside never was outside; max(max(i - a, 0) - b, 0) = max(i - a - b, 0) for a, b >= 0",
)

values_selected = Claim(
    id="pointer/reach/selection-is-global",
    statement="An output of L pointer layers depends on at most 2^L inputs when the pointers are the argmax of scores.",
    formula="|{j : output i changes with x_j alone}| <= 2^L",
    quantifier="for all N, L",
    source=POINTER,
    variant=SELECTED,
    arithmetic="integers",
    paper="(a tempting reading of 2^K paths)",
    expected="refuted",
    strength="exhausted",
    reason="the output is the maximum of all x_j, which each of them can change; three positions are more than 2^1",
)

maximum = Claim(
    id="pointer/reach/maximum",
    statement="One hard argmax layer with scores s_ij = x_j returns max_j x_j at every position, which depends on all N inputs, while "
    "its value Jacobian has one entry a row (two with the residual): 2^L bounds the flow of values, not of information.",
    formula="x_{argmax_j x_j} = max_j x_j;   x = 0 and x = e_j give 0 and 1, for each j",
    quantifier="for all N >= 1; with causal pointers for all i, of the i + 1 inputs up to i",
    hypotheses=("ties go to the first", "Jacobian taken with the pointers held fixed"),
    source=POINTER,
    variant=SELECTED,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the comparison of scores reads every row, though only one is gathered",
    argument="""
    For x = e_j the score of k is delta(k, j), and it is greatest at k = j alone: delta(j, j) - delta(k, j) = 1 for k other than j. So
    every position points at j and gathers delta(j, j) = 1; for x = 0 it gathers 0 wherever it points. The two inputs differ in
    coordinate j alone, so the gathered value depends on x_j, for each j; adding x_i, which is the same in both for i other than j and
    one more for i = j, leaves a difference of 1 or 2. The Jacobian with fixed pointers has the entry of the row gathered and that of
    the residual.
    """,
)

__all__ = ["chain", "left_edge", "maximum", "residual", "values_selected"]
