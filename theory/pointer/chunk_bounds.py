"""Selection by chunks of keys: mean keys miss the best, boxes do not, and boxes are no faster in the worst case."""

from theory.claim import Claim
from theory.pointer.source import POINTER

_MEAN = "a chunk with the best mean key is chosen, then the best key in it; where means tie, any of them"

mean_keys = Claim(
    id="pointer/chunks/mean-keys",
    statement="Choosing the chunk whose mean key scores best and then the best key in it finds the best key.",
    formula="max over the chunks of the largest q . mean(chunk) of max_j q . k_j = max_j q . k_j",
    quantifier="for all keys, queries and chunks",
    source=POINTER,
    variant=_MEAN,
    arithmetic="integers and fractions",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a chunk may hold the best key beside a poor one: 0 and 3 have the mean 3/2, less than a lone 2",
)

mean_keys_smallest = Claim(
    id="pointer/chunks/mean-keys-smallest",
    statement="The fewest keys with which choosing by mean keys can fail are three when chunks may differ in length, as they do at "
    "every odd position of a causal layer with chunks of two, and four when all have one length.",
    formula="2 | 0 3;   0 3 | 2 2",
    quantifier="for all scores and all ways to split up to four keys",
    source=POINTER,
    variant=_MEAN,
    arithmetic="integers and fractions",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="with one chunk the choice is the definition, with chunks of one key the mean is the score; two keys, and three in chunks "
    "of one length, are always split in one of these ways",
)

boxes_exact = Claim(
    id="pointer/chunks/boxes-exact",
    statement="Opening chunks from the largest box bound on, and leaving one closed when its bound is below the best score found, or "
    "equal to it where the tie rule prefers what was found, gives exactly the pointer of all scores.",
    formula="q . k <= sum_t max(q_t low_t, q_t high_t)",
    quantifier="for all keys, queries, chunks and dimensions",
    hypotheses=("among equal scores the first candidate wins, always; or the last, always",),
    source=POINTER,
    variant="boxes: the smallest and the largest of every coordinate in a chunk",
    arithmetic="integers, Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="q_t k_t is linear in k_t, so over an interval it is largest at an end",
    argument="""
    (1) For low <= k <= high, q k <= max(q low, q high): write k = low + u, high = low + u + v with u, v >= 0. For q >= 0 the difference
        q high - q k is q v >= 0, for q <= 0 the difference q low - q k is -q u >= 0. Summed over coordinates, no key of a
        chunk scores above its bound.
    (2) Let p be the pointer by definition, in chunk c. While c is closed, the best score found is at most that of p, so c's bound,
        which is at least the score of p, is not below it. If it is equal, what was found has the score of p and is another
        position; p precedes it by the tie rule, and so does a position of c (the first for "first", the last for "last"): c is not left
        closed. So c is opened, and among what is found p is best.
    """,
)

boxes_worst_case = Claim(
    id="pointer/chunks/boxes-worst-case",
    statement="With keys (1, 0), (0, 1), (1, 0), ... and q = (1, 1) boxes of any even length leave no chunk closed: all N queries "
    "together score N^2 keys; causally, in chunks of two, N^2/2 + 1.",
    formula="keys scored = N^2;   causal, chunks of two: N^2/2 + 1",
    quantifier="for all N that the chunk length divides",
    hypotheses=("among equal scores the first candidate wins",),
    source=POINTER,
    variant="boxes: the smallest and the largest of every coordinate in a chunk",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="every box has the corner (1, 1) with bound 2, every key scores 1; causally an odd position's own chunk is one key with "
    "bound 1, no more than what was found, so position i scores i or i + 1 keys",
)

boxes_subquadratic = Claim(
    id="pointer/chunks/boxes-subquadratic",
    statement="Exact selection by boxes scores O(N^(3/2)) keys, whatever they are.",
    formula="keys scored = O(N^(3/2))",
    quantifier="for all keys and queries, d >= 2",
    source=POINTER,
    variant="boxes of a fixed even length",
    arithmetic="integers",
    assumptions=("the count recovered from runs on the family goes on beyond them; by the argument it does",),
    paper="(a tempting reading)",
    expected="refuted",
    strength="tested",
    reason="on alternating keys no bound closes anything",
    argument="""
    On the keys (1, 0), (0, 1), ... with q = (1, 1) the count is N^2 (causally, in chunks of two, N^2/2 + 1), which is beyond every
    multiple of N^(3/2), and of every bound that is o(N^2). A tree of boxes, which is not run here, does not help: each inner node
    holds two neighbours, its box has the corner (1, 1), and its bound 2 is above every score.
    """,
)
