"""Theorem D in number formats: how far the position coordinate counts."""

from theory.claim import Claim
from theory.deltaformer.softmax_swaps import SOFTMAX
from theory.deltaformer.source import DELTAFORMER

_ARGUMENT = """
    *Certified.* The gap is a power of two, so a score of an equal slot is gap times an integer that grows by 1 with every token. The
    two largest magnitudes being held shows that all are held, as one of them is odd and an odd number above 2^p needs more than p
    bits: then nothing is rounded and error-bound applies. For the few S beyond, the tokens that are rounded are looked at one by
    one, for all programs at once, and those before them as a geometric series.
    *Fails.* The program exchanges (3 1) again and again and (3 2) last. It is run from the newest key of each slot before its last
    swaps, none of the tokens before being rounded. What is left out is older than a kept key of its own slot, so a query of any
    slot gives it at most delta, the leak of error-bound. With |u| <= 1 / (1 - delta) the reading of the whole program differs by at
    most 2 delta D from the kept keys' own errors and 2 delta / (1 - delta) for each token that is run. A reading off by 1/2 and that
    much more is wrong in the whole program. Short programs are run whole.
    """

stored_positions = Claim(
    id="deltaformer/softmax-kernel/stored-positions",
    statement="With keys and queries stored in a format of precision p and scores exact, four slots are tracked through "
    "S <= 2^(p-2) - 1 swaps and not through one more; counting positions from -2^p doubles it.",
    formula="S* = (2^p - 4) / 4 for positions from 0;  S* = (2^(p+1) - 4) / 4 for positions from -2^p",
    quantifier="for each format named, all programs of S swaps of four slots",
    hypotheses=(
        "sign codes; gap and temperature are representable",
        "scores, softmax and U are not rounded",
        "rounding to nearest, ties to even",
    ),
    source=DELTAFORMER,
    variant=SOFTMAX,
    arithmetic="keys in fp64, fp32, tf32, bf16, fp16, fp8",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="2^p + 1 is the first integer that p bits do not hold; it rounds to 2^p, and two neighbouring keys of one slot tie",
    argument=_ARGUMENT,
)

rounded_scores = Claim(
    id="deltaformer/softmax-kernel/rounded-scores",
    statement="With scores rounded to the format as well, S* falls by a factor of about 2.5 = 1 + 1 / (1 - mu): fp8 counts no swap at "
    "all, bf16 24, tf32 and fp16 204, fp32 1677720, fp64 900719925474098, and not one more; counting positions from -2^p "
    "doubles it.",
    formula="score / gap = 9 + 6 S + i <= 13 + 10 S,  so S* = (2^p - 13) / 10 rounded down, then up to an even number;\n"
    "2^(p+1) in place of 2^p for positions from -2^p",
    quantifier="for each format named, all programs of S swaps of four slots",
    hypotheses=(
        "sign codes; gap a power of two",
        "each score is computed exactly and rounded once; softmax and U are not rounded",
        "rounding to nearest, ties to even",
    ),
    source=DELTAFORMER,
    variant=SOFTMAX,
    arithmetic="keys and scores in fp64, fp32, tf32, bf16, fp16, fp8",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the temperature's share of the score, gap (T + 1) / (1 - mu), takes the bits that the position needs; beyond 2^p two "
    "neighbouring scores tie when the first is 3 modulo 4, which is so at the end of an odd number of swaps, and after the last "
    "write when the only swap begins with its slot",
    argument=_ARGUMENT,
)

__all__ = ["rounded_scores", "stored_positions"]
