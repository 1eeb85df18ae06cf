"""The numbers that texts about Pointer print, as printed, with what rounding leaves open.

They stand here once; claims and checks read them. A number is kept as its characters, since 97.50 says more than 97.5: that it
was rounded to hundredths. Where they were read: the throughputs, the accuracies, the two speed-ups and the hops in the author's
article of 5 August 2025 (the summary of the paper repeats some of them); the training times on the model card of Pointer-Mini,
where only the row of Pointer could be read; the statistics of a trained model in the README of the author's public repository,
for a variant whose code cuts sequences at 512 tokens and counts as utilised every pointer of the last layer that does not point
at its own position.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

Interval = tuple[Fraction, Fraction]
"""Two ends, both possible."""

_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True)
class Printed:
    """A number as printed; what it was rounded from lies within half a unit of the last place, whatever ties do.

    Raises ValueError for anything but plain decimal digits with at most one point.
    """

    text: str

    def __post_init__(self) -> None:
        if not _DECIMAL.fullmatch(self.text):
            raise ValueError(
                f"printed number {self.text!r}: digits, with a point between them or none, such as '97.50'"
            )

    @property
    def value(self) -> Fraction:
        return Fraction(self.text)

    @property
    def unit(self) -> Fraction:
        """One unit of the last place."""
        return Fraction(1, 10 ** len(self.text.partition(".")[2]))

    @property
    def interval(self) -> Interval:
        """All numbers that may print so."""
        return self.value - self.unit / 2, self.value + self.unit / 2

    def may_be(self, x: Fraction | int) -> bool:
        """Whether x may print so."""
        low, high = self.interval
        return low <= x <= high


def _row(lengths: tuple[int, ...], texts: str) -> dict[int, Printed]:
    return {length: Printed(text) for length, text in zip(lengths, texts.split(), strict=True)}


LENGTHS = (256, 512, 1024, 2048)
"""Tokens a sequence, N."""

THROUGHPUT = {
    "Pointer": _row(LENGTHS, "14446 34914 37189 28268"),
    "Transformer": _row(LENGTHS, "30320 29427 19703 11549"),
}
"""Tokens a second."""

TRAINING_SECONDS = {"Pointer": _row(LENGTHS, "0.35 0.29 0.55 1.45")}
"""Seconds."""

SPEED_UPS = {256: Printed("0.48"), 2048: Printed("2.45")}
"""Throughput of Pointer over that of the Transformer."""

DISTANCES = (512, 1024, 1536, 2048)
"""Tokens between a symbol and its copy."""

COPY_PERCENT = {
    "Pointer": _row(DISTANCES, "98.38 97.50 96.38 95.25"),
    "Transformer": _row(DISTANCES, "99.38 94.25 94.88 94.75"),
}
"""Per cent of items copied right."""

COPY_FLOOR_PERCENT = 95
"""Accuracy is said to stay above this at all four distances."""

STATISTICS_LENGTH = 512
UTILISATION_PERCENT = Printed("99.8")
MEAN_HOP = Printed("128")
"""Of the last layer, over all positions of sequences of `STATISTICS_LENGTH` tokens."""

EARLY_HOPS = (Printed("47"), Printed("58"))
"""The range of mean hops in early layers."""

LONGEST_HOP = 483
"""The longest hop seen in a late layer."""
