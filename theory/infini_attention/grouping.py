"""Grouped queries: which query heads share keys, in A_dot and in the memory."""

from theory.claim import Claim
from theory.infini_attention.source import BOTH, INFINI

_REPEATS = "head h has group floor(h / r) by repeat_interleave, h mod G by repeat; H heads, G groups, r = H / G"

same_map = Claim(
    id="infini-attention/grouped-queries/repeat-and-interleave",
    statement="repeat and repeat_interleave give every query head the same group exactly when there is one group, or one to a head.",
    formula="floor(h / r) = h mod G for all h < H  <=>  G = 1 or G = H",
    quantifier="for all H <= 64 and G that divide H",
    source=INFINI,
    variant=_REPEATS,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="head 1 has group 0 by one and group 1 by the other, if there are more groups than one and more heads than groups",
)

mixed = Claim(
    id="infini-attention/grouped-queries/mixed",
    statement="The memory may map query heads to groups by repeat_interleave and A_dot by repeat: the layer is the same.",
    quantifier="for all H <= 4 and G that divide H, two tokens in segments of one",
    source=INFINI,
    variant=f"{_REPEATS}; {BOTH}",
    arithmetic="Q",
    paper="(a tempting edit)",
    expected="refuted",
    strength="exhausted",
    reason="4 heads in 2 groups: head 1 attends with one group's keys and recalls from the other's memory",
)

renamed = Claim(
    id="infini-attention/grouped-queries/renamed",
    statement="With one map in both places, whichever it is, the layer is the same up to the order of query heads: head g r + i by "
    "repeat_interleave is head i G + g by repeat.",
    quantifier="for all H <= 6 and G that divide H, three tokens in segments of two",
    source=INFINI,
    variant=f"{_REPEATS}; {BOTH}",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="either map gives each group r heads, and a head knows nothing but its query and its group",
)
