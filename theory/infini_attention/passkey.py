"""A passkey in a long stream: with constructed keys, how far pre-activations must go, and what a format allows."""

from theory.claim import Claim
from theory.infini_attention.source import BOTH, FROM_NOTHING, INFINI

_KEYS = "constructed keys: pre-activation 0 in the role's channel, -y in the others; 5 digits, fillers of value 0"

SIXTEENTHS = {10: 169, 20: 280, 40: 501}
"""The sixteenths of y that `margin` states, by log2 F."""

margin = Claim(
    id="infini-attention/passkey/margin",
    statement="In the reals 5 digits come back by rounding from among F fillers of value 0 as soon as 18 (F + 4) (2 E + 4 "
    "E^2) < 1, E = e^-y: "
    "y = 10.5625 for F = 2^10, 17.5 for 2^20, 31.3125 for 2^40 are the least sixteenths. y grows as log F, and no faster.",
    formula="|read - v| <= 9 (F + D - 1) (2 E + (D - 1) E^2) < 1/2",
    quantifier="for F = 2^10, 2^20, 2^30, 2^40",
    source=INFINI,
    variant=f"linear rule; {_KEYS}",
    hypotheses=(FROM_NOTHING,),
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="log(36 F) is 10.51, 17.45, 24.38, 31.31; the next sixteenth above it",
)

bound = Claim(
    id="infini-attention/passkey/bound",
    statement="The bound of the margin holds: with any digits and any number of fillers a read is off by at most 9 (F + D - 1) times "
    "(2 E + (D - 1) E^2) / (1 + D E^2), which digits 9, 0, ..., 0 come near.",
    formula="read - v_s = e (sum of other digits - (F + D - 1) v_s) / (1 + (F + D - 1) e)",
    quantifier="for D = 1, 2, 3 (full: 5), F = 0, 1, 20, E = 1/2, 1/1000, digits 0 and 9 in all ways",
    source=INFINI,
    variant=f"linear rule; {_KEYS}",
    hypotheses=(FROM_NOTHING,),
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="every other token has the weight e against 1 for the own one",
)

in_format = Claim(
    id="infini-attention/passkey/exact",
    statement="With y beyond the underflow of e^-y the digits are read exactly, without rounding, after 2^20 tokens, at "
    "whatever depth they "
    "were: in fp32 and fp64 in segments of 2048, by the linear and by the delta rule, and token by token in bf16 and fp16 as well.",
    formula="read = v_s",
    quantifier="for depths from the first to the last token; quick: 2^20 tokens in fp32, 2^17 in narrow formats, 3 depths",
    source=INFINI,
    variant=f"{BOTH}; {_KEYS}",
    hypotheses=(FROM_NOTHING, "each place is written once"),
    arithmetic="fp32, fp64, bf16, fp16, every operation rounded",
    paper="100 % at 1M, fine-tuned",
    expected="confirmed",
    strength="exhausted",
    reason="a place's row of M and entry of z get v and 1 from its own token and 0 from all others; the filler's own entry of "
    "z stalls or "
    "grows, and is multiplied by 0",
)

fp16_limit = Claim(
    id="infini-attention/passkey/fp16-segments",
    statement="In fp16 sums by segments of 2048 the same memory reads the digits exactly up to 65 519 fillers, 31 whole "
    "segments and 2031 tokens, and NaN beyond: the filler's entry of z is infinite, and 0 times it is NaN.",
    formula="z_F = 2048 s + t before rounding: finite below 65 520, infinite from there on",
    quantifier="for 1, 2, 30 .. 33 whole segments, and 2031 and 2032 tokens after the 31st; the passkey in the segment before them",
    source=INFINI,
    variant=f"linear rule; {_KEYS}",
    hypotheses=(FROM_NOTHING,),
    arithmetic="fp16, every operation rounded",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="infini-attention/precision/fp16-overflow, with a query that has 0 in the filler's channel",
)

recall = Claim(
    id="infini-attention/passkey/associative-recall",
    statement="d pairs with these keys are recalled exactly in any order and any cut, by either rule, in every format that "
    "holds the values: "
    "as many as infini-attention/decoding/rank allows.",
    formula="read(k_i) = v_i for i = 1 .. d",
    quantifier="for d <= 3 (full: 4), all orders, token by token and in one segment; all values 0 .. 3 for d <= 2",
    source=INFINI,
    variant=f"{BOTH}; keys of pre-activation 0 and -y",
    hypotheses=(FROM_NOTHING, "each key is written once"),
    arithmetic="fp32, bf16, fp16, fp8 E4M3FN and E5M2, every operation rounded",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="features are unit vectors",
)
