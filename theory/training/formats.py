"""Number formats: trained in float32, run in bfloat16 and float16; where each fails, and the construction beside.

Outcomes are argued from theory; bounds were set after pilots of 4 seeds with other numbers of steps, so that they are wide; what
the pilots gave was not kept.
"""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

VARIANT = "deltaformer-linear: weights and projections in the format, the state in float32; deltanet-2 by steps: the state, too"
TRAINED = (
    "trackers of 3 slots trained from random weights in float32 on 6 to 12 tokens, 200 steps of 32 words (600 in the full budget)",
    "weights are rounded to the format after training",
    "4 seeds, 8 in the full budget; the CPU, one thread, or the device named",
)

harmless = Claim(
    id="training/formats/halves-harmless",
    statement="Run in float16 or bfloat16, trained trackers lose at most 1 answer in 20, in the mean over seeds, up to 128 tokens.",
    formula="mean over seeds of (accuracy in float32 - accuracy in the format) <= 1/20, each length",
    quantifier="for both kinds, lengths 12, 32, 64, 128",
    hypotheses=TRAINED,
    source=DELTAFORMER,
    variant=VARIANT,
    arithmetic="fp32, bf16, fp16",
    paper="(ours)",
    expected="confirmed",
    strength="measured",
    reason="trained kernels are off the theorem's by one to seven hundredths, bfloat16 rounds to 1/512 of a number and float16 to "
    "1/4096: a word that survives what training left survives the format",
)

limiting = Claim(
    id="training/formats/format-limits-length",
    statement="The format limits how long a word is tracked: in float32 trained trackers are right in 19 of 20 answers at 512 tokens.",
    formula="accuracy in float32 at 512 tokens >= 19/20, each seed",
    quantifier="for the seeds, both kinds",
    hypotheses=TRAINED,
    source=DELTAFORMER,
    variant=VARIANT,
    arithmetic="fp32",
    paper="(what one would fear)",
    expected="refuted",
    strength="measured",
    reason="with beta one to seven hundredths below 2 and angles off by as little, hundreds of swaps mix the contents whatever the "
    "format",
)

built = Claim(
    id="training/formats/construction",
    statement="The construction answers every word right in float32, bfloat16 and float16, at every length tested, whether the state "
    "is float32 or of the format.",
    formula="accuracy = 1",
    quantifier="lengths 12 to 512, 1024 in the full budget; both kinds",
    hypotheses=("its weights, rounded to the format; the CPU, one thread, or the device named",),
    source=DELTAFORMER,
    variant=VARIANT,
    arithmetic="fp32, bf16, fp16",
    paper="(ours)",
    expected="confirmed",
    strength="measured",
    reason="1 / sqrt 2 is rounded: bfloat16 makes |k|^2 = 1 - 2^-12 or so, and a swap leaves as much of the contents where they were; "
    "after t swaps of a slot the right content still has the largest share, about a third and two thirds of (1 - 2^-11)^t",
)

coarse = Claim(
    id="training/formats/powers-of-two",
    statement="One bit is enough as well: rounded to signed powers of two, weights lose at most 1 answer in 20 up to 128 tokens.",
    formula="mean over seeds of (accuracy in float32 - accuracy with weights +-2^m) <= 1/20, each length",
    quantifier="for both kinds, lengths 12, 32, 64, 128",
    hypotheses=TRAINED,
    source=DELTAFORMER,
    variant=f"{VARIANT}; powers of two: the weights only, computed in float32",
    arithmetic="fp32",
    paper="(what one hopes)",
    expected="refuted",
    strength="measured",
    reason="a weight moves by up to two fifths, ten times what training left and more. Eight bits with 2 of fraction were first "
    "expected to lose as much, and lost 1 in 25 or less in the mean at 128 tokens in the full budget: sums over 28 entries average "
    "what rounding does",
)
