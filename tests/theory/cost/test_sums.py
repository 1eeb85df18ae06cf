"""Sums over sites, and maxima of such sums."""

from fractions import Fraction

from theory.cost.amounts import amount, value
from theory.cost.recovery.fitting import Unfit
from theory.cost.recovery.sums import Whole, recover_maximum, recover_sum

BASE = {"N": 9, "d": 5}


def grid(*centers):
    points = [{**c, x: v} for c in centers for x in c for v in range(2, 14)]
    points += [{"N": n, "d": d} for n in range(2, 14, 3) for d in range(2, 14, 4)]
    return points


def test_a_sum_is_the_sum_of_its_sites():
    samples = [(p, {"a": amount((2 * p["N"], ())), "b": amount((p["d"], (p["N"],)), (1, ()))}) for p in grid(BASE)]
    found = recover_sum(samples, BASE)
    assert isinstance(found, Whole)
    ((form, sites),) = found.forms
    assert set(sites) == {"a", "b"}
    point = {"N": 1000, "d": 77}
    assert form.at(point) == 2 * 1000 + 77 * 10 + 1


def peak(point):
    """The larger of two moments: N^2 + 3 N d with sites a and b, 4 d^2 + 3 N d with b and c."""
    n, d = point["N"], point["d"]
    first = {"a": {(): Fraction(n * n)}, "b": {(): Fraction(3 * n * d)}}
    second = {"b": {(): Fraction(3 * n * d)}, "c": {(): Fraction(4 * d * d)}}
    return max(first, second, key=lambda parts: sum(map(value, parts.values())))


def test_a_maximum_asks_for_lines_until_it_has_every_moment():
    points = grid(BASE)
    for _ in range(6):
        found = recover_maximum([(p, peak(p)) for p in points], BASE)
        if isinstance(found, Whole):
            break
        _, unfit = found
        assert isinstance(unfit, Unfit)
        assert unfit.through is not None
        points += [{**unfit.through, x: v} for x in unfit.through for v in (*range(2, 14), *range(30, 42))]
    assert isinstance(found, Whole)
    assert len(found.forms) == 2
    for n, d in ((1000, 3), (3, 1000), (200, 100), (201, 100)):
        expected = sum(value(a) for a in peak({"N": n, "d": d}).values())
        assert found.at({"N": n, "d": d}) == expected


def test_no_form_no_answer():
    samples = [(p, {"a": {(): Fraction((p["N"] * 7919) % 101)}}) for p in grid(BASE)]
    assert not isinstance(recover_sum(samples, BASE), Whole)
