"""Several pointer heads, and hierarchical chains: what more pointers and composed pointers reach, and for how much work."""

from theory.claim import Claim
from theory.pointer.source import POINTER

_MANY = "h'_i = F(h_i, h_{p_i^1}, ..., h_{p_i^H}), pointers held fixed"
_LEVELS = "for t = 0..T-1: B - 1 times h_i <- h_i + h_{p_t(i)}; then p_{t+1} = p_t composed B times with itself (not after the last)"

mixed = Claim(
    id="pointer/heads/reach",
    statement="With H pointer heads an output depends on at most (H + 1)^L inputs, attained by p_i = i - h (H+1)^(l-1) for head h in "
    "layer l from N = (H + 1)^L positions on.",
    formula="paths = (H + 1)^L;  inputs <= paths;  max over tables = min(N, (H + 1)^L)",
    quantifier="for all N, H >= 1, L >= 0, all pointer tables, all F",
    hypotheses=("between layers every coordinate of a row may depend on every other, as after a feed-forward",),
    source=POINTER,
    variant=_MANY,
    arithmetic="integers",
    paper="(ours; several heads are named as an extension)",
    expected="confirmed",
    strength="derived",
    reason="a layer joins H + 1 sets; distances in base H + 1 have each one path",
    argument="""
    As for one head: if every row sum of the path counts is T before a layer, it is (H + 1) T after it, and a row has no more non-zero
    entries than its sum. Attained: far from the edge the row is the product over layers of 1 + X + ... + X^H with X = x^((H+1)^(l-1)),
    and (1 + X + ... + X^H) (1 - X) = 1 - X^(H+1): true for H = 0, and one head more adds X^(H+1) (1 - X), which moves the right side
    from 1 - X^(H+1) to 1 - X^(H+2). X^(H+1) is the X of the next layer, so the product is (1 - x^((H+1)^L)) / (1 - x): the distances
    0..(H+1)^L - 1, one path each. For one head it is reach/residual.
    """,
)

slices = Claim(
    id="pointer/heads/slices",
    statement="If each head gathers its own slice of the row and nothing mixes the slices, an output row depends on at most "
    "1 + H (2^L - 1) inputs, attained from as many positions on.",
    formula="union over heads of at most 2^L inputs each, all with i itself in common:  min(N, 1 + H (2^L - 1))",
    quantifier="for all N, H >= 1, L >= 0, all pointer tables",
    hypotheses=("norm and feed-forward act within a slice, or come after the last layer",),
    source=POINTER,
    variant="slice h of the row: h'_i = F_h(h_i, h_{p_i^h}), pointers held fixed",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="each slice is a stack of one head; products over heads come only from mixing",
)

hierarchy = Claim(
    id="pointer/hierarchy/reach-and-work",
    statement="A hierarchical chain of base B and T levels over short hops p carries to output i the inputs m hops away, m = 0..B^T - "
    "1, and no others, with N T (B - 1) gathers of rows and N (T - 1) (B - 1) of pointers; as many layers that all use p carry only "
    "m = 0..T (B - 1).",
    formula="inputs {p^m(i) : 0 <= m < B^T};  distance up to w (B^T - 1) with p_i = i - w;  plain: {p^m(i) : 0 <= m <= T (B-1)}",
    quantifier="for all tables p, B >= 2, T >= 0",
    source=POINTER,
    variant=_LEVELS,
    arithmetic="integers",
    paper="(ours; hierarchical chains are named as an extension)",
    expected="confirmed",
    strength="derived",
    reason="B - 1 equal gathers reach 0..B-1 hops of that level, a digit in base B; without levels digits are not weighed",
    argument="""
    Let X stand for a hop of the level. B - 1 residual gathers multiply the row by (1 + X)^(B-1), whose coefficients at X^0..X^(B-1) are
    all positive, as (1 + X)^(k+1) = (1 + X)^k + X (1 + X)^k shows for one gather more; so the support is that of 1 + X + ... + X^(B-1).
    The next level's hop is X^B, and (1 + X + ... + X^(B-1)) (1 - X) = 1 - X^B telescopes over levels to the support of
    (1 - x^(B^T)) / (1 - x). With X = x at all levels it is that of (1 + x)^(T (B-1)). Layers: T (B - 1), a gather of N rows each;
    compositions: (B - 1) after each level but the last, N pointers each.
    """,
)

base_two = Claim(
    id="pointer/hierarchy/base-two-is-best",
    statement="With the same number of row gathers no base reaches more inputs than base 2, pointer jumping, and no pointers at all "
    "reach more: B^T <= 2^(T (B-1)), with equality only for B = 2 or T = 0.",
    formula="2^(B-1) >= B, equal for B = 2 alone (B >= 2)",
    quantifier="for all B >= 2, T >= 0",
    source=POINTER,
    variant=_LEVELS,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a gather at most doubles what is reached, and base 2 doubles it every time",
    argument="""
    Let s_B = 2^(B-1) - B. s_2 = 0, and s_{B+1} = 2 (s_B + B) - (B + 1) = 2 s_B + (B - 1), which is positive if s_B >= 0 and B >= 2. So
    B < 2^(B-1) for B >= 3; to the power T it is the claim. 2^(T (B-1)) is the bound of reach/residual for T (B - 1) layers.
    """,
)

compositions = Claim(
    id="pointer/hierarchy/compositions",
    statement="S compositions of pointers reach at most 2^S hops, and exactly that only by p <- p[p] every time; the B - 1 "
    "compositions of a level are the fewest for B hops if and only if B <= 3.",
    formula="the exponents of tables that S compositions can make are addition chains of length S",
    quantifier="for S <= 5 and B <= 32; B >= 4 follows: 4 hops in two compositions, and one hop more with each",
    hypotheses=("a composition of two tables at hand, on a table p whose powers differ",),
    source=POINTER,
    variant="pointers composed; N gathers of pointers each",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the greatest exponent at most doubles; squaring a square has 4 hops after two compositions, and 4 - 1 = 3",
)

__all__ = ["base_two", "compositions", "hierarchy", "mixed", "slices"]
