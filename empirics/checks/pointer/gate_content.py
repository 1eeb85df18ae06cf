"""Gating by what is gathered: not by the gate of the same layer, and by that of the next."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from constructions.pointer.gates import ContentFilter
from empirics.checking import Evidence, check, control, fails, holds
from theory.pointer import gate as claims


def admitted(own: int, gathered: int) -> int:
    """What is asked of the gated row: the gathered number if positive."""
    return max(gathered, 0)


@check(claims.content, "exhausted", given={"most": [0, 1, 2]}, scope={"sizes": "N = 2, L = 1, integers up to 2"})
def one_gate_for_one_own_row(
    most: int,
    wanted: Callable[[int, int], int] = admitted,
    seen: Callable[[int, int], Any] = lambda own, gathered: own,
) -> Evidence:
    """For every own row in -most..most, smallest first, one gate value serves all gathered numbers; `seen` is what the gate reads."""
    numbers = sorted(range(-most, most + 1), key=lambda x: (abs(x), -x))
    asked: dict[Any, tuple[Any, int, int]] = {}
    for own in numbers:
        for gathered in numbers:
            if gathered == 0:
                if wanted(own, 0) != 0:
                    return fails(f"own row {own}: {wanted(own, 0)} is asked where 0 is gathered", 0, wanted(own, 0))
                continue
            gate = Fraction(wanted(own, gathered), gathered)
            before = asked.setdefault(seen(own, gathered), (gate, own, gathered))
            if before[0] != gate:
                told = f"2 positions, 0 -> 1, own row {own}: gathered {before[2]} needs gate {before[0]}"
                words = f"{told}, gathered {gathered} needs {gate}"
                return fails(words, before[0], gate)
    return holds(cases=len(numbers) ** 2)


control(
    one_gate_for_one_own_row,
    "absolute-value",
    "refuted",
    wanted=lambda own, y: abs(y),
    reason="the sign is in the gathered row",
)
control(
    one_gate_for_one_own_row,
    "gate-sees-both",
    "confirmed",
    seen=lambda own, y: (own, y),
    reason="a gate of both rows can",
)
control(
    one_gate_for_one_own_row,
    "by-the-own-row",
    "confirmed",
    wanted=lambda own, y: y * (own > 0),
    reason="the gate reads that",
)


class BiasForgotten(ContentFilter):
    """The second layer's gate has no bias: half open at 0."""

    def layers(self) -> Any:
        first, (weight, bias) = super().layers()
        return [first, (weight, [0 * b for b in bias])]


class WeightOfOne(ContentFilter):
    """The second gate is hard_sigmoid(m - 3), not hard_sigmoid(6 m - 3)."""

    def layers(self) -> Any:
        first, (weight, bias) = super().layers()
        return [first, ([[w // 6 for w in line] for line in weight], bias)]


class ReadsTheValue(ContentFilter):
    """The second gate looks at the value, not at the copy."""

    def layers(self) -> Any:
        first, (_, bias) = super().layers()
        return [first, ([[6, 0], [0, 0]], bias)]


class SpareOpen(ContentFilter):
    """The copy is gathered again in layer 2, which nothing reads."""

    def layers(self) -> Any:
        first, (weight, bias) = super().layers()
        return [first, (weight, [bias[0], 3])]


@check(
    claims.two_layers,
    "exhausted",
    given={"value": sorted(range(-64, 65), key=lambda v: (abs(v), -v)), "own": [0, 1, 2]},
    scope={"sizes": "integers -64..64, own value 0, 1, 2; N = 2, width 2"},
)
def two_layers_admit(value: int, own: int, construction: ContentFilter = ContentFilter()) -> Evidence:
    """The reader ends with its own value, and the gathered one added if positive."""
    found, wanted = construction.run(value, own), own + max(value, 0)
    return (
        holds()
        if found == wanted
        else fails(f"own value {own}, gathered {value}: the reader ends with {found}", wanted, found)
    )


control(two_layers_admit, "weight-of-one", "refuted", construction=WeightOfOne(), reason="1 gathered opens it by 1/6")
control(
    two_layers_admit,
    "bias-forgotten",
    "confirmed",
    construction=BiasForgotten(),
    reason="half open at 0, where nothing is gathered; shut from -1 on and open from 1 on",
)
control(
    two_layers_admit,
    "reads-the-value",
    "refuted",
    construction=ReadsTheValue(),
    reason="the own value says nothing of it",
)
control(
    two_layers_admit, "spare-open", "confirmed", construction=SpareOpen(), reason="nothing reads the copy after layer 2"
)
