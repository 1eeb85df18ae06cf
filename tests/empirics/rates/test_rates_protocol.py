"""Store, curves, dimensions, contrast, the wrong smoothness and figures."""

import json
from fractions import Fraction

import numpy as np
import pytest

from empirics.rates import contrast, dimensions, figure_data, figures, wrong_smoothness
from empirics.rates.curves import Plan, measure, powers
from empirics.store import Store
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic, mixed

LINEAR = Smoothness("mixed", Power(1))
SMALL = Plan(LINEAR, powers(6, 9), replicates=6)


class Killed(Exception):
    """Stands for a signal."""


def killed_after(points):
    def progress(done, total, words):
        assert total == len(SMALL.n)
        if done == points:
            raise Killed

    return progress


@pytest.mark.parametrize("torn", [b"", b'{"key": {"class": "Smoo'])
def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path, torn):
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    curve = measure(SMALL, Store(whole))
    with pytest.raises(Killed):
        measure(SMALL, Store(cut), killed_after(2))
    cut.write_bytes(cut.read_bytes() + torn)
    resumed = Store(cut)
    assert len(resumed) == 2
    again = measure(SMALL, resumed)
    assert cut.read_bytes() == whole.read_bytes()
    assert [p.risks.tobytes() for p in again.points] == [p.risks.tobytes() for p in curve.points]
    before = whole.read_bytes()
    measure(SMALL, Store(whole))
    assert whole.read_bytes() == before, "nothing is computed twice"


def test_another_seed_or_configuration_is_another_key(tmp_path):
    store = Store(tmp_path / "s.jsonl")
    plans = [SMALL, Plan(LINEAR, SMALL.n, replicates=6, seed=1), Plan(LINEAR, SMALL.n, 2, replicates=6)]
    curves = [measure(plan, store) for plan in plans]
    assert len(store) == 3 * len(SMALL.n)
    assert len({c.points[-1].risks.tobytes() for c in curves}) == 3
    rows = [json.loads(row) for row in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert rows[0]["key"]["seed"] == 0


def test_a_file_that_is_no_store_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text('{"key": {}, "values": {}}\nhello\n')
    with pytest.raises(ValueError, match=r"notes\.txt, line 2: no result of a run"):
        Store(path)
    assert path.read_text().endswith("hello\n")


def test_a_curve_says_what_it_used():
    curve = measure(Plan(LINEAR, (256, 2048), replicates=8, target="fixed", terms=40))
    assert curve.active == 4
    assert [p.N for p in curve.points] == [9, 23]
    assert all(p.n >= p.N * 24 and p.good == 1 for p in curve.points)
    assert all(low <= 1.3 and high >= low for low, high in curve.bracket())
    assert curve.slope().low < curve.slope().value < curve.slope().high
    assert curve.oracle_slope() == curve.oracle_slope((256, 2048))


def test_dimensions_above_the_active_ones_are_the_same_bytes():
    found = dimensions.measure_dimensions(Plan(LINEAR, powers(8, 11), replicates=6), (1, 2, 16, 256, None))
    assert found.active == {1: 1, 2: 2, 16: 3, 256: 3, None: 3}
    bits = {D: b"".join(p.risks.tobytes() for p in curve.points) for D, curve in found.curves.items()}
    assert bits[16] == bits[256] == bits[None]
    assert bits[2] != bits[None]
    growth = found.growth()
    assert growth[1] == [1.0] * 4
    assert all(a <= b for a, b in zip(growth[1], growth[2], strict=True))
    assert growth[16] == growth[None]


def test_isotropic_risk_hardly_falls_in_eight_dimensions():
    found = contrast.measure_contrast(Plan(LINEAR, powers(8, 11), replicates=12), (1, 8), last=30)
    assert found.curves[1].slope().high < -0.4
    assert found.curves[8].slope().low > -0.05
    settled = found.settled()
    assert abs(settled[1] + 2 / 3) < 0.001, "e^(2/3) against e: 2^-10 of it"
    assert settled[8] > -0.5


def test_the_wrong_smoothness_is_rejected_and_the_right_one_is_not():
    window = (2**8, 2**12)
    curve = measure(Plan(anisotropic(1), powers(8, 12), replicates=60))
    hypotheses = {"right": anisotropic(1), "renamed": mixed(1), "half": anisotropic(Fraction(1, 2))}
    found = wrong_smoothness.decide_all({"one": curve}, list(hypotheses.items()), window)
    assert {name: d.rejected for (_, name), d in found.items()} == {"right": False, "renamed": False, "half": True}
    decision = found["one", "half"]
    assert (decision.window, decision.hypothesis) == (window, hypotheses["half"])


def test_figures_have_labels_and_the_same_bytes_twice(tmp_path):
    pytest.importorskip("matplotlib", reason="needs the extra [notebooks]")
    plans = {
        (name, t): Plan(s, powers(8, 9), 1, t, 4, 0, 32)
        for t in ("worst", "fixed")
        for name, s in figure_data.CLASSES.items()
    }
    curves = {key: measure(plan) for key, plan in plans.items()}
    data = figure_data.Rates(curves, dict.fromkeys(figure_data.CLASSES, -0.5), (256, 512))
    cuts = dimensions.measure_dimensions(Plan(LINEAR, powers(8, 9), replicates=4), (1, None))
    curse = contrast.measure_contrast(Plan(LINEAR, powers(8, 9), replicates=4), (1, 8), last=12)
    window = {("a", "b"): wrong_smoothness.decide(cuts.curves[None], LINEAR, (256, 512))}
    drawn = [
        figures.draw_rates(data),
        figures.draw_ratios(data),
        figures.draw_dimensions(cuts),
        figures.draw_contrast(curse),
        figures.draw_wrong(window),
    ]
    for figure in drawn:
        assert all(axis.get_xlabel() and axis.get_title() for axis in figure.axes)
    for name in ("one.svg", "two.svg"):
        figures.save(figures.draw_rates(data), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    with pytest.raises(ValueError, match=r"end the name in \.svg"):
        figures.save(drawn[0], tmp_path / "one.png")
    assert figures._spread([1.0, 1.0, 9.0], 4.0) == pytest.approx([0.5, 2.0, 9.0], rel=0.2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Plan(LINEAR, ()), "give at least one number of samples"),
        (lambda: Plan(LINEAR, (23,)), "n = 23: take at least 24 samples"),
        (lambda: Plan(LINEAR, (100,), 0), "sigma = 0"),
        (lambda: Plan(LINEAR, (100,), 1, "easy"), "target 'easy': one of worst, fixed"),
        (lambda: measure(Plan(LINEAR, (64,), replicates=1)), "replicates = 1"),
        (lambda: measure(SMALL).slope((3, 5)), "the window 3 <= n <= 5 holds 0"),
        (lambda: dimensions.measure_dimensions(SMALL, ()), "give at least one"),
        (lambda: dimensions.cut(mixed(1, 2), 3), "a tuple has its dimension already"),
        (lambda: contrast.isotropic(0), "d = 0: give at least one dimension"),
        (lambda: wrong_smoothness.predicted_slopes(SMALL, LINEAR, (1, 2)), "holds 0 of the n"),
    ],
)
def test_refused_by_the_protocol(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_figure_data_takes_a_seed_and_a_quick_size(monkeypatch):
    monkeypatch.setattr(figure_data, "sizes", lambda quick: (powers(8, 9), 4))
    one, two = (figure_data.rate_data(seed) for seed in (0, 1))
    key = next(iter(one.curves))
    assert not np.array_equal(one.curves[key].points[0].risks, two.curves[key].points[0].risks)
    assert one.window == (256, 512)
    assert set(figure_data.dimension_data(0).curves) == {1, 4, 16, 64, 256, None}
    assert set(figure_data.contrast_data(0, quick=True).curves) == {1, 2, 4, 8}
    assert len(figure_data.wrong_data(0)) == 5
