"""Names at the ends of lines: none over another, in the lines' order, and none without a line."""

from fractions import Fraction
from itertools import pairwise

from matplotlib.figure import Figure

from empirics.rates.slopes import Interval
from empirics.training.studies.lines import APART, Line, draw_lines


def test_names_are_apart_and_in_order():
    figure = Figure()
    axis = figure.subplots()
    axis.set_ylim(0, 1)
    ends = [0.5, 0.51, 0.1, 0.505, 0.9]
    lines = [
        Line(str(end), [1, 2], [Interval(0.3, 0.2, 0.4, Fraction(95, 100)), Interval(end, end, end)], {"color": "k"})
        for end in ends
    ]
    draw_lines(axis, lines)
    high = {
        float(text.get_text()): float(text.get_text()) + text.get_position()[1] * figure.dpi / 72 / axis.bbox.height
        for text in axis.texts
    }
    assert list(high) == ends
    heights = [high[end] for end in sorted(high)]
    assert heights == sorted(heights)
    assert min(b - a for a, b in pairwise(heights)) > APART / 2
    assert high[0.1] == 0.1
    assert high[0.9] == 0.9


def test_nothing_is_drawn_of_nothing():
    axis = Figure().subplots()
    draw_lines(axis, [])
    assert not axis.texts
    assert not axis.containers
