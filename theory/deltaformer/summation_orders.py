"""Theorem A in low precision: in which summation orders it is exact, and for how many swaps."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER, SWAP_VARIANT

contiguous_orders = Claim(
    id="deltaformer/swap-tracking/contiguous-orders",
    statement="Swap tracking is exact in every format that holds -2..2, for every S, whenever each partial sum runs over an "
    "interval of time: in time order, reversed, in blocks, pairwise.",
    formula="sum_{s<i<=t} <k_i, w> u_i [x] = f(t) - f(s),  f(t) = w at the slot that holds x, in {-1, 0, 1}",
    quantifier="for all n, S, all sequences, all formats holding -2..2, all summation trees over contiguous intervals",
    hypotheses=(
        "beta = 1",
        "contents are distinct unit vectors",
        "every node of the summation tree is an interval of time",
        "every addition rounds to nearest in the format; products, being in -2..2, are exact",
    ),
    source=DELTAFORMER,
    variant=SWAP_VARIANT,
    arithmetic="formats holding -2..2",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the sum over an interval telescopes to a difference of two entries of w; in time order a partial sum is "
    "one entry, in -1..1, while its terms reach -2 and 2",
    argument="""
    Let x be a content, s the slot that holds it, w the write of a later token (e_a - e_b, a != b) or a query (e_j), and
    f = <w, e_s> in {-1, 0, 1}. When token i swaps (p q) and x moves from slot s to s', its term in the later sum is
        <k_i, w> u_i[x] = <e_p - e_q, w> * -<e_p - e_q, e_s> = <w, e_s'> - <w, e_s>,
    an identity in deltas decided by the patterns of equality of s, p, q, a, b. Writing x adds f itself. So the terms of an
    interval add up to f at its end minus f at its beginning, in {-2..2}, and of an initial interval to f. Integers in -2..2
    are representable and so is each term; an addition whose exact result is representable does not round. Hence no
    addition of such an order rounds, for any S, and u_t, which is minus such a sum, is exact by induction over t.
    """,
)

any_order_as_stated = Claim(
    id="deltaformer/swap-tracking/any-order-unbounded",
    statement="Swap tracking is exact in every format that holds -2..2, for every S, in every summation order.",
    formula="as in contiguous-orders, without the hypothesis on the order",
    quantifier="for all n, S, all sequences, all formats holding -2..2, all summation orders",
    source=DELTAFORMER,
    variant=SWAP_VARIANT,
    arithmetic="fp8 E5M2",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="an accumulator that sees every second term does not telescope: each visit of a content adds 2 to it, and "
    "2^p + 1 does not fit into p bits",
)

any_order_frontier = Claim(
    id="deltaformer/swap-tracking/any-order",
    statement="In a format of precision p swap tracking is exact in every summation order for S <= 2^p swaps, and not for 2^p + 1.",
    formula="S* = 2^p;  two interleaved accumulators are the worst order",
    quantifier="for each format named, all n, all sequences of S swaps, all summation orders",
    hypotheses=(
        "beta = 1",
        "contents are distinct unit vectors",
        "accumulators in fp8 (E5M2, E4M3FN), bf16, fp16 or tf32; every addition rounds to nearest",
    ),
    source=DELTAFORMER,
    variant=SWAP_VARIANT,
    arithmetic="fp8, bf16, fp16, tf32",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="a set of terms can collect +2 from every second swap and 1 from the write, so 1 + 2 floor((S-1)/2) is the largest "
    "odd partial sum; odd numbers fit up to 2^p",
    argument="""
    With f as in contiguous-orders the term of a token is f after it minus f before it, f in {-1, 0, 1}. Every partial sum of
    any summation tree is the sum over some set of terms. So it is at most the largest sum of changes, each counted or not,
    along any walk of f on {-1, 0, 1}: a walk on six states (f, parity of the sum), whose greatest sums of either parity
    after s moves are the s-th power of a 6 x 6 matrix over (max, +). No program and no number of slots enters, so this
    covers all n and all programs of S swaps; the last token sums over S - 1 swaps and the writes. Odd numbers up to 2^p
    and even ones up to 2^(p+1) are representable, and an addition whose exact result is representable does not round:
    so long as the greatest sums stay within these, every token is exact, by induction. The least S for which they do not
    is found by doubling and bisection, which is sound since f may rest and reach therefore never falls with S. A reader
    sums over all S swaps, but its f is in {0, 1}: it gains at most 1 with every second swap, 1 + S/2 in all, and for
    S <= 2^p that is at most 2^p. That the bound is attained is shown by running a program.
    """,
)

interleaved_frontier = Claim(
    id="deltaformer/swap-tracking/interleaved-accumulators",
    statement="With L >= 2 interleaved accumulators of precision p swap tracking is exact for S <= L (2^(p-1) - 1) + 2 swaps, "
    "and not for one more.",
    formula="S* = L (2^(p-1) - 1) + 2",
    quantifier="for each format and L named, all n, all sequences of S swaps; sharp for n = 2 when L = 2, else for n = max(3, L - 1)",
    hypotheses=(
        "beta = 1",
        "contents are distinct unit vectors",
        "lane l adds the terms i = l mod L in time order, then lanes are added from the first to the last",
    ),
    source=DELTAFORMER,
    variant=SWAP_VARIANT,
    arithmetic="fp8, bf16, fp16, tf32",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="a lane gains at most 2 every L swaps, after 1 from the write of a content and one swap in which it goes down "
    "elsewhere; 2^(p-1) such gains reach 2^p + 1",
    argument="""
    As in any-order, with a window: the moves of f are counted in the lanes of the window and not elsewhere, in a cycle of
    L matrices over (max, +). Partial sums are those of one lane, or of the first lanes together, so the windows are the
    first 1, 2, ..., L - 1 lanes, with every lane for the write and every lane for the first swap; a single other lane is
    the first one after the lanes are turned. All L lanes together are an interval of time and stay in -2..2.
    """,
)
