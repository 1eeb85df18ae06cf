"""z over a long stream in a number format: where it stalls, where it overflows, how wrong it is after a million tokens."""

from theory.claim import Claim
from theory.infini_attention.source import INFINI, LINEAR

_Z = f"{LINEAR}; z in the format, every addition rounded to nearest, ties to even"
_FORMATS = "fp32, bf16, fp16, fp8 E4M3FN and E5M2"

stalls = Claim(
    id="infini-attention/precision/stalls",
    statement="With features 1, ELU + 1 of 0, and segments of n = 2^k tokens z is exact for 2^p segments and then never moves "
    "again: token "
    "by token after 8, 16, 256, 2048, 16 777 216 tokens in E5M2, E4M3FN, bf16, fp16, fp32, if it has not overflowed before.",
    formula="z_s = n s for s <= 2^p,  z_s = n 2^p for s >= 2^p",
    quantifier="for k = 0 .. 5 where n 2^p is finite; 2^p segments and 2^p + 1 both run, and 4096 more",
    source=INFINI,
    variant=_Z,
    arithmetic=_FORMATS,
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="n 2^p + n lies midway between neighbours 2 n apart, and n 2^p is the even one",
)

overflows = Claim(
    id="infini-attention/precision/fp16-overflow",
    statement="In fp16 z, with features 1, overflows exactly if segments have 32 tokens or more, always at token 65 536; in "
    "shorter ones "
    "of 2^k tokens it stalls at 2048 tokens times 2^k and never overflows.",
    formula="n >= 32: z infinite from token 65 536 on;  n < 32: z = 2048 n for ever",
    quantifier="for n = 1, 2, 4, ..., 2048, to 2^17 tokens",
    source=INFINI,
    variant=_Z,
    arithmetic="fp16",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the greatest number is 2047 * 32; 65 536 rounds to infinity; with n = 16 the sum stalls at 32 768",
)

worst = Claim(
    id="infini-attention/precision/worst-stream",
    statement="Token by token z may be wrong by nearly what the bound for a sum in order allows: a key of feature 1 followed "
    "by 2^20 - 1 of "
    "feature u leaves z = 1. In segments of 2048 all but the first segment's part of u is kept.",
    formula="token-wise: error / bound >= 0.94;  segments of 2048 in fp32: error <= 2047 u, 1/512 of the token-wise error",
    quantifier="for fp32, bf16 and fp16, 2^20 tokens",
    source=INFINI,
    variant=_Z,
    arithmetic="fp32, bf16, fp16",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="1 + u is a tie and 1 is even; 2048 u is added to 1 exactly",
)

random_keys = Claim(
    id="infini-attention/precision/random-keys",
    statement="After 2^20 tokens with standard normal pre-activations z is wrong by 10^-6 to 10^-3 of itself in fp32 token by "
    "token, and by "
    "less than 10^-5 in segments of 2048; by more than 95 % in bf16 and fp16 token by token; in segments of 2048 by more than "
    "a third in "
    "bf16, and infinite in fp16.",
    formula="within the bound of a sum in order, or in blocks, wherever nothing overflows",
    quantifier="for 2^20 tokens, one channel, three draws",
    source=INFINI,
    variant=f"{_Z}; ELU + 1, features rounded to the format",
    arithmetic="fp32, bf16, fp16",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="fp32: roundings of half an ulp of up to 2^-4, without a bias, add up like a random walk of 2^20 steps, or of 2^9; bf16: "
    "at 2^10 a feature must exceed 4 to be felt, and a segment's own sum of 2048 features stalls as well; fp16: at 2^14 it "
    "must exceed 8, "
    "and 28 segments sum to more than 65 504",
)
