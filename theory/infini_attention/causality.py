"""Which orders of read and write, and which ways to split heads, look ahead; and which scramble without looking ahead."""

from theory.claim import Claim
from theory.infini_attention.source import BOTH, INFINI

_LAYER = f"segments, A_mem and A_dot gated one half each; {BOTH}"
_DOMAIN = "for all sequences of at most 3 tokens of two coordinates 0 or 1, segments of 1 and 2 (3 tokens: 2), one and two heads"

retrieve_first = Claim(
    id="infini-attention/causality/retrieve-then-update",
    statement="A segment that is read before it is written, with heads split by a transpose, looks at nothing later.",
    formula="x_1 .. x_i = x'_1 .. x'_i  =>  A_i = A'_i",
    quantifier=_DOMAIN,
    source=INFINI,
    variant=_LAYER,
    arithmetic="Q",
    paper="retrieve, then update",
    expected="confirmed",
    strength="exhausted",
    reason="the memory holds earlier segments alone, and A_dot is masked",
)

update_first = Claim(
    id="infini-attention/causality/update-then-retrieve",
    statement="A segment may as well be written before it is read.",
    formula="x_1 .. x_i = x'_1 .. x'_i  =>  A_i = A'_i",
    quantifier=_DOMAIN,
    source=INFINI,
    variant=_LAYER,
    arithmetic="Q",
    paper="(a tempting edit)",
    expected="refuted",
    strength="exhausted",
    reason="two tokens in one segment: the first reads a memory that holds the second",
)

mixed_merge = Claim(
    id="infini-attention/causality/split-by-reshape",
    statement="Heads may as well be split by a reshape of (T, heads d) to (heads, T, d), and merged by a transpose.",
    formula="x_1 .. x_i = x'_1 .. x'_i  =>  A_i = A'_i",
    quantifier=_DOMAIN,
    source=INFINI,
    variant=_LAYER,
    arithmetic="Q",
    paper="(a tempting edit)",
    expected="refuted",
    strength="exhausted",
    reason="the second head's first row is of a later token, and is merged into the first",
)

scrambled = Claim(
    id="infini-attention/causality/reshape-both-ways",
    statement="Split and merged by a reshape alone, segment by segment, a layer of two heads looks at nothing later and yet is another "
    "layer: what a head sees of a segment is a part of its tokens, so the last token of two does not see the first.",
    formula="A causal;  for one segment of two tokens A_2 does not depend on x_1, which by a transpose it does",
    quantifier=_DOMAIN,
    source=INFINI,
    variant=_LAYER,
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="rows of a head are consecutive numbers of the segment, in order: none is later, and half of the tokens are another head's",
)
