"""What is said of a bound, a condition or a formula that cannot be used: what, where, and what to write instead."""

from __future__ import annotations

import pytest

from theory.bounds import BadBound
from theory.cost.formulas import parse
from theory.growth import Impossible, decide

COUNT = parse("4*N**2*d + 7*N")


@pytest.mark.parametrize(
    ("bound", "message"),
    [
        ("N^2", "bound 'N^2': '^' does not belong there; write ** for a power at character 2"),
        ("N*d - d", "bound 'N*d - d': '-' does not belong there; a bound has no differences at character 5"),
        ("M*d", "bound 'M*d': unknown symbol 'M'; the sizes are N, d; at character 1"),
        ("N log(N)", "bound 'N log(N)': 'log' does not belong there at character 3"),
        (
            "exp(N)",
            "bound 'exp(N)': unknown function 'exp'; the functions are log, log2, sqrt, max, min; at character 1",
        ),
        ("log(1)", "bound 'log(1)': the log of a constant is of a plain number above 1; at character 7"),
        ("", "bound '': expected a size, a number or a bracket, found 'the end' at character 1"),
        ("__import__('os').system('true')", "unknown function '__import__'"),
        ("N.__class__", "bound 'N.__class__': '.' does not belong there at character 2"),
        ("lambda: N", "bound 'lambda: N': unknown symbol 'lambda'; the sizes are N, d; at character 1"),
    ],
)
def test_a_bad_bound(bound, message):
    with pytest.raises(BadBound) as caught:
        decide(COUNT, bound, symbols=("N", "d"))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("C<N", "condition 'C<N': write it as left <= right, for example C<=N"),
        ("N + d <= C", "condition 'N + d <= C': each side is one product of powers of sizes, for example C*H<=N"),
        ("Z <= N", "bound 'Z ': unknown symbol 'Z'; the sizes are C, N, d; at character 1"),
    ],
)
def test_a_bad_condition(condition, message):
    with pytest.raises(BadBound) as caught:
        decide(COUNT, "N**2*d", (condition,), symbols=("N", "d", "C"))
    assert str(caught.value) == message


def test_conditions_that_nothing_large_satisfies():
    with pytest.raises(Impossible) as caught:
        decide(COUNT, "N**2*d", ("N*d<=N",))
    assert str(caught.value) == "the conditions on the sizes leave none with d large; drop one"


def test_an_undecided_answer_says_why():
    found = decide(parse("N*L(N) - N*L(N + d) + d"), "1")
    assert found.outcome in ("exceeds", "undecided")
    assert found.outcome == "exceeds" or found.reason
