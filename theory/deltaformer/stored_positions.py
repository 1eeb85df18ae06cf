"""Theorem D in number formats: how far the position coordinate counts."""

from theory.claim import Claim
from theory.deltaformer.softmax_swaps import SOFTMAX
from theory.deltaformer.source import DELTAFORMER

stored_positions = Claim(
    id="deltaformer/softmax-kernel/stored-positions",
    statement="With keys and queries stored in a format of precision p and scores exact, four slots are tracked through "
    "S <= 2^(p-2) - 1 swaps and not through one more; counting positions from -2^p doubles it.",
    formula="S* = (2^p - 4) / 4 for positions from 0;  S* = (2^(p+1) - 4) / 4 for positions from -2^p",
    quantifier="for each format named, all programs of S swaps of four slots (fp64, fp32, tf32, fp16: of the last 4 swaps among S)",
    hypotheses=(
        "sign codes; gap and temperature are representable",
        "scores, softmax and U are not rounded",
        "where the last 4 of S swaps are run, gap and temperature are those of the tokens that are run",
        "rounding to nearest, ties to even",
    ),
    source=DELTAFORMER,
    variant=SOFTMAX,
    arithmetic="keys in fp64, fp32, tf32, bf16, fp16, fp8",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="2^p + 1 is the first integer that p bits do not hold; it rounds to 2^p, and two neighbouring keys of one slot tie",
)

rounded_scores = Claim(
    id="deltaformer/softmax-kernel/rounded-scores",
    statement="With scores rounded to the format as well, S* falls by a factor of about 2.5 = 1 + 1 / (1 - mu): bf16 counts "
    "24 swaps, tf32 and fp16 204, and not one more.",
    formula="score / gap = 9 + 6 S + i <= 13 + 10 S,  so S* = (2^p - 13) / 10 rounded down, then up to an even number",
    quantifier="for bf16, tf32 and fp16, all programs of S swaps of four slots",
    hypotheses=("sign codes; gap a power of two", "softmax and U are not rounded", "rounding to nearest, ties to even"),
    source=DELTAFORMER,
    variant=SOFTMAX,
    arithmetic="keys and scores in bf16, tf32, fp16",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the temperature's share of the score, gap (T + 1) / (1 - mu), takes the bits that the position needs; beyond 2^p two "
    "neighbouring scores tie when the first is 3 modulo 4, which is so at the end of an odd number of swaps",
)

__all__ = ["rounded_scores", "stored_positions"]
