"""What position kernels and their modules say when they are given what does not fit: what, where, the value, and what to do."""

import re
from fractions import Fraction as F

import numpy as np
import pytest
import torch

from constructions.layers.position_kernels import (
    Alibi,
    BiasedAttention,
    Fire,
    Kerple,
    Mep,
    ParameterisedMep,
    Rotary,
    Sandwich,
    biased_attention,
    flex_score_mod,
)
from theory.position_kernels import far_mass_laws, window_laws
from theory.position_kernels.arithmetic import BALLS
from theory.position_kernels.kernels import (
    Buckets,
    Constant,
    Cosines,
    Exponential,
    Gaussian,
    Logarithmic,
    Power,
    check_distance,
)
from theory.position_kernels.mixtures import Mixture, three_kernels
from theory.position_kernels.properties import Property, broken
from theory.position_kernels.slopes import bucket_starts, released_slopes
from theory.position_kernels.small_rates import symbol_over_rate
from theory.position_kernels.symbols import TWO, symbol

Q = torch.zeros(2, 4, 5, 8)
MASK = Alibi(4)(5, 5)
TWO_KERNELS = (Exponential(F(1)), Gaussian(F(1)))


def stepped():
    """The state after one token of two sequences, heads of width 4."""
    layer = BiasedAttention(8, Alibi(2))
    return layer.step(torch.zeros(2, 8), layer.init_state(2))[1]


REFUSALS = {
    "slope zero": (lambda: Exponential(0), "Exponential: rate = 0; give a positive number"),
    "slope negative": (lambda: Gaussian(F(-1, 2)), "Gaussian: rate = -1/2; give a positive number"),
    "slope nan": (lambda: Exponential(float("nan")), "Exponential: rate = nan; give a positive number"),
    "slope of one head": (
        lambda: Alibi(2, slopes=[0.5, 0.0]),
        "Alibi: slopes[1] = 0.0; give a positive number",
    ),
    "slopes of another number": (
        lambda: Mep(4, slopes=[0.5, 0.25]),
        "Mep: 2 slopes for 4 heads; give one a head",
    ),
    "negative slope to learn": (
        lambda: Kerple(1, rates=[-1.0]),
        "Kerple: rates[0] = -1.0; give a positive number",
    ),
    "power of zero": (lambda: Logarithmic(F(1), 0), "Logarithmic: power = 0; give a positive number"),
    "power above two": (
        lambda: Power(F(1), F(5, 2)),
        "Power: power = 5/2; 0 < p <= 2, beyond which the kernel is not positive definite",
    ),
    "weights do not sum to one": (
        lambda: Mixture(TWO_KERNELS, (F(1, 2), F(1, 3))),
        "Mixture: the weights sum to 5/6, not 1; divide them by their sum (Fractions sum exactly, floats may not)",
    ),
    "negative weight": (
        lambda: Mixture(TWO_KERNELS, (F(3, 2), F(-1, 2))),
        "Mixture: weights[1] = -1/2; weights are positive, leave a kernel out instead of 0",
    ),
    "weight zero": (
        lambda: Mep(2, weights=[1, 0, 0]),
        "Mixture: weights[1] = 0; weights are positive, leave a kernel out instead of 0",
    ),
    "weights of another number": (
        lambda: ParameterisedMep(2, weights=[F(1, 2), F(1, 2)]),
        "Mixture: 2 weights for 4 kernels; give one a kernel",
    ),
    "weight without end": (
        lambda: Mixture(TWO_KERNELS, (float("inf"), 0.5)),
        "Mixture: weights[0] = inf; weights are positive, leave a kernel out instead of 0",
    ),
    "state of another batch": (
        lambda: BiasedAttention(8, Alibi(2)).step(torch.zeros(3, 8), stepped()),
        "BiasedAttention.step: the state's keys has shape (2, 2, 1, 4); expected (3, 2, 1, 4); make it with init_state(batch)",
    ),
    "state of another width": (
        lambda: BiasedAttention(12, Alibi(2)).step(torch.zeros(2, 12), stepped()),
        "BiasedAttention.step: the state's keys has shape (2, 2, 1, 4); expected (2, 2, 1, 6); make it with init_state(batch)",
    ),
    "state of another dtype": (
        lambda: BiasedAttention(8, Alibi(2)).double().step(torch.zeros(2, 8).double(), stepped()),
        "BiasedAttention.step: the state's keys has dtype torch.float32 on cpu; expected torch.float64 on cpu",
    ),
    "no state": (
        lambda: BiasedAttention(8, Alibi(2)).step(torch.zeros(2, 8), None),
        "BiasedAttention.step: state is of type NoneType; make it with init_state(batch)",
    ),
    "half a length": (lambda: Alibi(2)(1.5, 2), "Alibi: queries = 1.5; give a length >= 0"),
    "no kernel": (lambda: Mixture(()), "Mixture: no kernel; give at least one"),
    "negative distance": (
        lambda: three_kernels(F(1))(-1),
        "distance d = -1 is negative: a key after its query has no bias; mask it, or clamp distances at 0",
    ),
    "negative distance in an array": (
        lambda: check_distance(np.array([[0, 1], [-2, 3]])),
        "distance d = -2 is negative: a key after its query has no bias; mask it, or clamp distances at 0",
    ),
    "half a distance": (
        lambda: Exponential(F(1))(F(1, 2)),
        "distance d = 1/2: distances are integers i - j >= 0",
    ),
    "more queries than keys": (
        lambda: Alibi(4)(5, 3),
        "Alibi: 5 queries, 3 keys: a query would come before the first position, at a negative distance; "
        "queries are the last positions of the keys, count the cached keys too",
    ),
    "negative length": (lambda: Fire(2)(-1, 3), "Fire: queries = -1; give a length >= 0"),
    "more queries than keys in flex_attention": (
        lambda: flex_score_mod(Alibi(1), 4, 2, Q),
        "flex_score_mod: 4 queries, 2 keys: a query would come before the first position",
    ),
    "mask of another length": (
        lambda: biased_attention(Q, Q, Q, MASK[:, :, :4]),
        "biased_attention: the mask has shape (4, 5, 4); expected (heads, queries, keys) = (4, 5, 5), or 1 head for all",
    ),
    "mask of other heads": (
        lambda: biased_attention(Q, Q, Q, MASK[:3]),
        "biased_attention: the mask has shape (3, 5, 5); expected (heads, queries, keys) = (4, 5, 5), or 1 head for all",
    ),
    "mask of a batch": (
        lambda: biased_attention(Q, Q, Q, MASK.expand(2, 4, 5, 5)),
        "biased_attention: the mask has shape (2, 4, 5, 5); expected (heads, queries, keys) = (4, 5, 5), or 1 head for all",
    ),
    "mask of booleans": (
        lambda: biased_attention(Q, Q, Q, MASK.isfinite()),
        "biased_attention: the mask has dtype torch.bool; give biases, floats, with -inf where a key is not allowed",
    ),
    "mask elsewhere": (
        lambda: biased_attention(Q, Q, Q, MASK.to("meta")),
        "biased_attention: the mask is on meta, q on cpu; make it with like=q",
    ),
    "form": (
        lambda: BiasedAttention(32, Alibi(4), form="flash"),
        "BiasedAttention: form = 'flash'; give one of 'written-out', 'fused'",
    ),
    "width": (lambda: BiasedAttention(30, Alibi(4)), "BiasedAttention: width 30 is no multiple of 4 heads"),
    "tokens of another width": (
        lambda: BiasedAttention(32, Alibi(4))(torch.zeros(1, 5, 16)),
        "BiasedAttention: x has shape (1, 5, 16); expected (batch, time, 32)",
    ),
    "no heads": (lambda: Sandwich(0), "Sandwich: heads = 0; give a positive integer"),
    "no cosines": (lambda: Sandwich(2, count=0), "Cosines: count = 0; give a positive integer"),
    "base": (lambda: Cosines(2, base=-1), "Cosines: base = -1; give a positive number"),
    "five kernels": (lambda: Mep(2, 5), "Mep: kernels = 5; give 2 or 3, four are ParameterisedMep's"),
    "kerple form": (lambda: Kerple(2, "log"), "Kerple: form = 'log'; give one of 'logarithmic', 'power'"),
    "fire rate": (lambda: Fire(2, rate=0.0), "Fire: rate = 0.0; give a positive number"),
    "fire threshold": (lambda: Fire(2, threshold=float("inf")), "Fire: threshold = inf; give a positive number"),
    "rotary base": (lambda: Rotary(2, base=1.0), "Rotary: base = 1.0; give a number above 1"),
    "rotary width": (
        lambda: Rotary(1).turn(torch.zeros(1, 1, 3, 5), 0),
        "Rotary: head dimension 5; coordinates turn in pairs, give an even one",
    ),
    "heads for slopes": (lambda: released_slopes(0), "heads = 0; give a positive integer"),
    "odd buckets": (
        lambda: bucket_starts(7, 100),
        "buckets: count = 7, farthest = 100; give an even count and farthest > count / 2",
    ),
    "buckets without end": (
        lambda: bucket_starts(32, 16),
        "buckets: count = 32, farthest = 16; give an even count and farthest > count / 2",
    ),
    "starts": (lambda: Buckets((1, 2), (0, -3)), "Buckets: starts (0, -3); give distances in order that begin with 0"),
    "bucket values": (
        lambda: Buckets((1, 2, 3), (0, 4)),
        "Buckets: 3 values for 2 buckets; give one a bucket",
    ),
    "window of no bias": (
        lambda: window_laws.closed_form(Constant()),
        "constant: not known to be summable, so it has no window; KERPLE's logarithmic kernel needs p > 1",
    ),
    "window of a slow kernel": (
        lambda: window_laws.tail(Logarithmic(F(1), F(1)), 3),
        "logarithmic 1; 1: not known to be summable, so it has no window; KERPLE's logarithmic kernel needs p > 1",
    ),
    "closed form of a power": (
        lambda: window_laws.closed_form(Power(F(1), F(1, 2))),
        "power 1; 1/2: no closed form here; window() encloses the sum",
    ),
    "window as long as the text": (
        lambda: far_mass_laws.far_mass(Exponential(F(1)), 5, 5),
        "window w = 5, length N = 5: give 1 <= w < N",
    ),
    "negative logits": (
        lambda: far_mass_laws.far_mass(Exponential(F(1)), 5, 9, F(-1)),
        "B = -1: the size of logits is at least 0",
    ),
    "all distances": (
        lambda: broken(Exponential(F(1)), Property.SUMMABLE, 10),
        "summable is about all distances: no finite piece shows that it fails",
    ),
    "rate of a symbol": (lambda: symbol(TWO, BALLS.number(0)), "rate 0: give a ball of positive numbers"),
    "expansion too far": (
        lambda: symbol_over_rate(TWO, F(4), F(1, 2)),
        "theta = 4, eps0 = 1/2: give 0 < eps0 < 1 with theta * eps0 < 1",
    ),
}


@pytest.mark.parametrize(("given", "words"), REFUSALS.values(), ids=REFUSALS)
def test_refused_in_words(given, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        given()
