"""One target for every position: what an argmax without a rule for ties says, and with one; and which scores are equal at all."""

from theory.claim import Claim
from theory.pointer.source import LAYER, POINTER, POINTER_TOLD

TIES = ("first", "last")
"""Of equal scores the candidate at the smallest position, or at the largest."""

as_printed = Claim(
    id="pointer/ties/one-target",
    statement="p_i = argmax_j s_ij is one target: whatever computes the largest of the scores, the same position comes out.",
    formula="p_i = argmax_j s_ij",
    quantifier="for all score tables, all programs that return a position of a largest score",
    source=POINTER_TOLD,
    variant=LAYER,
    arithmetic="any",
    paper="exactly one target",
    expected="refuted",
    strength="exhausted",
    reason="two equal scores are both largest; a scan that keeps the first and a scan that keeps the last return different ones",
)

named_rule = Claim(
    id="pointer/ties/named-rule",
    statement="With a rule for ties, the first or the last position of a largest score, the target is one, and is the same for scores "
    "searched whole, in any order, in tiles of any size, or by a running maximum.",
    formula="p_i = min {j : s_ij = max_k s_ik}, or max",
    quantifier="for all score tables as computed",
    hypotheses=("at least one candidate exists", "the scores are given numbers, the same for every program"),
    source=POINTER,
    variant=LAYER,
    arithmetic="any; scores are compared, not computed",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the rule makes a total order of pairs (score, position), and a finite set has one largest element in a total order",
    argument="""
    Let (s, j) come before (s', j') when s > s', or s = s' and j < j' (for "last": j > j'). Two pairs of different positions are never
    equal, so of two pairs one comes before the other, and the better of two, b(x, y), is
        b(x, x) = x,   b(x, y) = b(y, x),   b(b(x, y), z) = b(x, b(y, z)),
    idempotent, commutative and associative. A search that goes through the candidates in any order, in any grouping, listing some
    twice, evaluates an expression in b of the same set of pairs, and by the three laws it has one value. Each law compares at most
    three scores and three positions with each other and does nothing else with them, so it depends only on their order; three
    numbers have finitely many orders, equalities included, and all of them are realised by 0, 1, 2.
    A tile of keys after all before it has larger positions, so the better of a tile's best and the best so far is decided by > on
    scores alone ("first"), or by >= ("last"); a running maximum is tiles of one key.
    """,
)

any_summation = Claim(
    id="pointer/ties/any-order-of-summation",
    statement="With a rule for ties the target of pairwise scores is the same on every device, that is for every order in which the "
    "products of a score are added.",
    formula="s_ij = fl(sum_c q_c k_jc), p_i = min {j : s_ij = max_k s_ik}",
    quantifier="for all queries and keys in fp32",
    source=POINTER,
    variant=LAYER,
    arithmetic="fp32, round to nearest even, each product and sum rounded",
    paper="(ours)",
    expected="refuted",
    strength="exhausted",
    reason="1 + 2^-24 + 2^-24 is 1 from the left and 1 + 2^-23 from the right: a tie in one order is none in the other",
)

two_coordinates = Claim(
    id="pointer/ties/two-coordinates",
    statement="For keys of at most two coordinates every order of summation gives the same target, by either rule.",
    formula="a + b = b + a, rounded or not",
    quantifier="for all queries of ones and keys with entries of the alphabet named, two keys",
    source=POINTER,
    variant=LAYER,
    arithmetic="fp32, round to nearest even, each product and sum rounded",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="rounded addition commutes, and a sum of two terms has no other order",
)

equal_keys = Claim(
    id="pointer/ties/equal-keys",
    statement="Equal keys get equal scores in a floating-point matrix product, whatever their position.",
    formula="k_j = k_l  =>  fl(sum_c q_c k_jc) = fl(sum_c q_c k_lc)",
    quantifier="for all queries and keys in fp32, all orders of summation of either column",
    source=POINTER,
    variant=LAYER,
    arithmetic="fp32, round to nearest even, each product and sum rounded",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a product of matrices promises no order, and programs for it add the columns of a full tile and those left over in different "
    "ones: 1 + 2^-24 + 2^-24 is 1 in one and 1 + 2^-23 in another. So repeated tokens need not tie, and decoding may point at another of "
    "them than the whole sequence does",
)

fixed_order = Claim(
    id="pointer/ties/fixed-order",
    statement="Scores summed in one fixed order, the same for all keys, are equal for equal keys, whatever their position; so the rule for "
    "ties points at the first, or the last, of equal keys that are best.",
    formula="s_ij = S(q_i, k_j) with one S  =>  (k_j = k_l => s_ij = s_il)",
    quantifier="for all queries, keys, numbers of coordinates, number formats and orders of summation",
    hypotheses=("S is one expression in the entries of a query and a key, each operation rounded by one rule", "no NaN"),
    source=POINTER,
    variant=f"{LAYER}; scores of listed candidates, and of all positions where their sums are exact",
    arithmetic="any; rounded or not",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="one expression of equal entries has one value",
    argument="""
    S is an expression of rounded products and sums, a tree whose leaves are entries of the query and the key. The position of the key
    is no leaf, and no node depends on it. By induction over the tree every node has the same value for equal keys: a leaf because the
    keys are equal, a node because its operands are and its operation is one function. So s_ij = s_il, and by pointer/ties/named-rule the
    target is the smallest (or largest) position of a largest score. A key equal to the target's has that score too, so none of them
    is smaller (or larger).
    The induction step, decided here, is that of a sum of two, in every pattern of order of operands and of equality of results: a node
    whose operation may depend on the position has two values. Exact sums do not depend on the tree, so they are of one S in any order.
    """,
)
