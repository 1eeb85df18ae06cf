"""Rotary positions in float32 inside a float64 layer: the whole difference to a public package, bounded."""

from theory.claim import Claim
from theory.infini_attention.source import INFINI

rounded = Claim(
    id="infini-attention/rotary/rounded-frequencies",
    statement="A rotary frequency rounded to fp32 turns a key at distance m by an angle off by at most m w 2^-24, so the score of a "
    "channel pair by at most |q| |k| m w 2^-24: up to 2^29 times the roundoff of float64, and exactly 0 only for w = 1.",
    formula="|cos(m w') - cos(m w)| <= m w 2^-24,  w = base^(-2 c / d),  w' = w rounded to fp32",
    quantifier="for base 10^4, d = 32, 64, 128, every pair c, m = 1, 2, 4, ..., 2048",
    source=INFINI,
    variant="float64 layers with rotary positions; public code rounds its frequencies to fp32 whatever the layer's format",
    arithmetic="R; fp32 for the frequencies",
    paper="(ours: why a public package's float64 output differs)",
    expected="confirmed",
    strength="exhausted",
    reason="rounding to nearest is off by at most 2^-24 of a normal number, and the cosine's slope is at most 1",
)
