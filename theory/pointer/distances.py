"""How far values get in L layers: windows, strides that are powers of two, and pointer jumping."""

from theory.claim import Claim
from theory.pointer.reach import CHAINED
from theory.pointer.source import POINTER

STRIDED = "h'_i = F(h_i, h_{p_i}), i - p_i one of 1, 2, ..., 2^(K-1), chosen anew in each layer and position, or nowhere at the edge"


def least_hops(distance: int, strides: int) -> int:
    """floor(D / 2^(K-1)) + popcount(D mod 2^(K-1)): the fewest of the strides 1, 2, ..., 2^(K-1) that add up to D.

    Raises ValueError for a negative distance or no stride.
    """
    if distance < 0 or strides < 1:
        raise ValueError(f"distance {distance} by {strides} strides; give a distance from 0 and at least one stride")
    longest, rest = divmod(distance, 2 ** (strides - 1))
    return longest + rest.bit_count()


window = Claim(
    id="pointer/distance/window",
    statement="With pointers at most w away, L layers carry a value at most L w positions, attained by p_i = i - w; so distance D "
    "takes ceil(D / w) layers.",
    formula="max over tables of max{i - j : J_ij > 0} = min(N - 1, L w);   fewest layers for D: ceil(D / w)",
    quantifier="for all N >= 1, L >= 0, w >= 1, pointers back or both ways, with residual or without",
    source=POINTER,
    variant="h'_i = F(h_i, h_{p_i}) with |i - p_i| <= w, pointers held fixed",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a path follows at most one pointer a layer",
    argument="""
    Let m_l be the greatest distance after l layers; m_0 = 0. An input of output i is one of the row i or of the row p_i before, and
    so at distance at most m_{l-1} + w: m_l <= m_{l-1} + w, which (l w) = (l - 1) w + w solves. p_i = i - w has the path that follows
    all pointers, of distance L w, if the table is that long; no distance exceeds N - 1. A distance D <= L w is reached by floor(D / w)
    hops of w and one of the rest. Without a residual the bound is the same, as a path still follows one pointer a layer.
    """,
)

strides = Claim(
    id="pointer/distance/strides",
    statement="With strides 2^b, b < K, and a residual to stay, every distance D < 2^K is reached within popcount(D) layers, and in no "
    "fewer.",
    formula="min layers = popcount(D) for 0 <= D < 2^K",
    quantifier="for all K >= 1, 0 <= D < 2^K, at every position i >= D",
    hypotheses=(
        "pointers chosen for the distance; one table of K layers reaches all D < 2^K at once: see reach/residual",
    ),
    source=POINTER,
    variant=STRIDED,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="two equal hops are one of the next stride, so the fewest hops are the binary digits",
    argument="""
    A path of L layers from output i to input i - D follows at most L pointers, whose strides add up to D, and any such sum in any
    order is a path, as partial sums stay between 0 and D <= i. So the fewest layers are the fewest strides that add up to D. In a sum
    with the fewest, no stride 2^b with b < K - 1 comes twice: 2^b + 2^b - 2^(b+1) = 0, so that two of them would be one. What the
    lower strides add up to is then less than 2^(K-1), as 2^b = 2^(b+1) - 2^b telescopes to 1 + 2 + ... + 2^(K-2) = 2^(K-1) - 1: it
    is D mod 2^(K-1), in its binary digits, and the longest stride comes floor(D / 2^(K-1)) times. For D < 2^K that is 0 or 1 times,
    the topmost digit.
    """,
)

beyond = Claim(
    id="pointer/distance/strides-beyond",
    statement="For any distance D the strides 2^b, b < K, take floor(D / 2^(K-1)) + popcount(D mod 2^(K-1)) layers, and no fewer: "
    "linear in D beyond 2^K.",
    formula="min layers = floor(D / 2^(K-1)) + popcount(D mod 2^(K-1))",
    quantifier="for all K >= 1, D >= 0, at every position i >= D",
    source=POINTER,
    variant=STRIDED,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="beyond the longest stride only repetition is left",
    argument=strides.argument,
)

popcount_beyond = Claim(
    id="pointer/distance/popcount-beyond",
    statement="With strides 2^b, b < K, every distance D is reached within popcount(D) layers, also D >= 2^K.",
    formula="min layers <= popcount(D)",
    quantifier="for all K >= 1, D >= 0",
    source=POINTER,
    variant=STRIDED,
    arithmetic="integers",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="D = 2 by the single stride 1 takes two hops, and popcount(2) = 1",
)

exactly = Claim(
    id="pointer/distance/strides-exactly",
    statement="A pure chain with strides 2^b, b < K, can be at distance D after exactly L layers if and only if L lies between the "
    "fewest hops and D.",
    formula="floor(D / 2^(K-1)) + popcount(D mod 2^(K-1)) <= L <= D",
    quantifier="for all K >= 1, D >= 0, L >= 0, at every position i >= D",
    source=POINTER,
    variant=f"{CHAINED}; i - p_i one of 1, 2, ..., 2^(K-1)",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="a hop of 2^b is two of 2^(b-1), one more each time, until all hops are 1 and there are D of them; no hop is less than 1",
)

jumping = Claim(
    id="pointer/distance/jumping",
    statement="After l rounds of p <- p[p] a pointer is 2^l hops of the first table, whatever that is: at most 2^l w away by hops of "
    "at most w, and exactly min(i, 2^l w) with p_i = max(i - w, 0).",
    formula="p^(l) = p composed 2^l times;  i - p^(l)_i = min(i, 2^l w)",
    quantifier="for all N >= 1, l >= 0, w >= 1, all tables",
    hypotheses=("all positions at once: a round reads the pointers of the round before",),
    source=POINTER,
    variant="pointers composed; N gathers of pointers a round",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="composing a map with itself doubles its exponent",
    argument="""
    Composition is associative, so p composed a times after p composed b times is p composed a + b times. If the pointers are p
    composed e_l times, e_0 = 1, then after p <- p[p] they are p composed e_l + e_l = 2 e_l times, and 2^(l+1) = 2 2^l. Hops of at most
    w add up to at most 2^l w; by max(i - w, 0) they add up to that or end at 0, as max(max(i - a, 0) - b, 0) = max(i - a - b, 0).
    """,
)

__all__ = ["beyond", "exactly", "jumping", "least_hops", "popcount_beyond", "strides", "window"]
