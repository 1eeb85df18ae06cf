"""Reading where the pointers of a model point, beside pointers that know nothing.

    reading = read_model(model, tokens)      # or read(pointers, untrained), or count(pointers) without nulls
    print(reading)
    draw(reading).savefig("reading.png")

`count` counts, `read` puts nulls beside, `draw` draws; figures need matplotlib, the rest does not.
"""

from empirics.reading.figures import draw
from empirics.reading.reading import (
    COLLAPSED,
    UNIFORM,
    UNTRAINED,
    Reading,
    read,
    read_model,
    reinitialised,
    sample,
)
from empirics.reading.specialisation import Specialisation, divergence, specialisation
from empirics.reading.statistics import Statistics, count

__all__ = [
    "COLLAPSED",
    "UNIFORM",
    "UNTRAINED",
    "Reading",
    "Specialisation",
    "Statistics",
    "count",
    "divergence",
    "draw",
    "read",
    "read_model",
    "reinitialised",
    "sample",
    "specialisation",
]
