"""One target for every position: what an argmax without a rule for ties says, and with one."""

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
