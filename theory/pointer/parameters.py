"""How many parameters the layers as defined have, against the printed count: which readings give it."""

from dataclasses import dataclass

from theory.claim import Claim
from theory.pointer.source import LAYER, POINTER, POINTER_TOLD

LAYERS, WIDTH, HEADS = 6, 256, 8
"""As printed."""
ABOUT = (3_150_000, 3_250_000)
"""What rounds to 3.2 million: at least the first, less than the second."""


@dataclass(frozen=True)
class Reading:
    """What the equations leave open.

    maps: square maps a layer, of query, key, gate and so on. expansion: hidden width of FFN over width. norms: layer norms a layer,
    of 2 d numbers. vocabulary, tied: rows of the embedding, and whether the output map is the embedding. bias: of all maps.
    vectors: further vectors of the width a layer, of an encoding.
    """

    maps: int
    expansion: int
    vocabulary: int
    tied: bool = True
    bias: bool = False
    norms: int = 1
    vectors: int = 1

    def __str__(self) -> str:
        told = (
            f"{self.maps} maps, FFN {self.expansion} d, vocabulary {self.vocabulary}, {'' if self.tied else 'not '}tied"
        )
        return told + ", biases" * self.bias + (f", {self.norms} norms" if self.norms != 1 else "")

    def count(self, layers: int = LAYERS, width: int = WIDTH) -> int:
        """Parameters; no operand of it is a number of heads."""
        a_layer = (self.maps + 2 * self.expansion) * width**2 + (2 * self.norms + self.vectors) * width
        if self.bias:
            a_layer += (self.maps + self.expansion + bool(self.expansion)) * width
        return layers * a_layer + (1 if self.tied else 2) * self.vocabulary * width


_OPEN = "6 layers, width 256, 8 heads; FFN of hidden width m d; about 3.2 M is 3.15 M up to 3.25 M"

formula = Claim(
    id="pointer/parameters/formula",
    statement="The model of this layer has L ((3 + 2 m) d^2 + 3 d) parameters besides its embedding of V d and output map of V d "
    "unless tied, whatever the number of heads; with biases L (4 + m) d more, 3 + m without FFN.",
    formula="L ((3 + 2 m) d^2 + 3 d) + (1 or 2) V d",
    quantifier="for all L, d, m, V, heads that divide d",
    source=POINTER,
    variant=f"{LAYER}; maps of query, key and gate, m d hidden, layer norm, a gated encoding",
    arithmetic="counts, exact",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="three square maps, two maps between d and m d, 2 d of the norm, d of the encoding's gate; heads only cut rows",
)

printed = Claim(
    id="pointer/parameters/printed",
    statement="Six layers of width 256 with 8 heads, as the equations define them, have about 3.2 million parameters, for FFN of some "
    "usual width and a vocabulary of some power of two.",
    formula="6 ((3 + 2 m) 256^2 + 3 * 256) + V 256 in 3.15 M .. 3.25 M",
    quantifier="for one of: FFN of hidden width d, 2 d, 4 d, vocabularies of a power of two from 2 to 65536, tied or not",
    source=POINTER_TOLD,
    variant=_OPEN,
    arithmetic="counts, exact",
    paper="about 3.2 M",
    expected="refuted",
    strength="exhausted",
    reason="before any vocabulary there are 1.97 M, 2.76 M and 4.33 M for FFN of d, 2 d, 4 d, and no vocabulary of a power of two "
    "fills the gap of the first two; nothing printed fixes either",
)

three_maps = Claim(
    id="pointer/parameters/vocabularies",
    statement="With maps of query, key and gate, about 3.2 M needs FFN of at most 2 d, and a vocabulary of 1535 to 1925 tied or 768 to "
    "962 not tied for 2 d, 4607 to 4997 or 2304 to 2498 for d; with 3 d or 4 d no vocabulary does.",
    formula="m = 2: 2757120 + V 256 in 3.15 M .. 3.25 M;   m = 1: 1970688 + V 256;   m = 3: 3543552;   m = 4: 4329984",
    quantifier="for m = 1, 2, 3, 4, all V up to 10000; more is more, tied or not, no biases",
    source=POINTER,
    variant=_OPEN,
    arithmetic="counts, exact",
    paper="about 3.2 M",
    expected="confirmed",
    strength="exhausted",
    reason="the count grows by 256, or 512, with every token of the vocabulary, from a number that m alone decides",
)

small_vocabulary = Claim(
    id="pointer/parameters/small-vocabulary",
    statement="With a vocabulary of 16 to 128, about 3.2 M means 8 d^2 a layer exactly, maps and FFN together: four maps and FFN of "
    "2 d, or two and 3 d, or none and 4 d; never query, key and gate alone.",
    formula="a + 2 m = 8, a square maps a layer",
    quantifier="for a = 0..8, m = 0..4, V = 16..128, tied or not, with biases or not, one or two norms",
    source=POINTER,
    variant=_OPEN,
    arithmetic="counts, exact",
    paper="about 3.2 M",
    expected="confirmed",
    strength="exhausted",
    reason="a unit of a + 2 m is 393216 parameters, almost four times the width of the interval; all that is left open besides adds up "
    "to less than a quarter of one; 8 units are 3145728",
)

TABLE = {(1, True): (4607, 4997), (1, False): (2304, 2498), (2, True): (1535, 1925), (2, False): (768, 962)}
"""Least and largest vocabulary with about 3.2 M, by expansion and whether tied; none for expansions 3 and 4."""
