"""Two layers side by side, counted at the same sizes."""

from __future__ import annotations

from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.cost.counted import counted, numbers
from theory.cost import comparisons as claims


@check(
    claims.tree_cheaper,
    "exhausted",
    given={"tokens": [2**k for k in range(9)], "width": [1, 2]},
    covers=True,
    scope={"sizes": "N = 1, 2, 4, ..., 256, d = 1, 2"},
)
def cheaper_exactly_from(
    tokens: int, width: int, start: int = 16, layer: str = "scan_blelloch", other: str = "scan_hillis_steele"
) -> Evidence:
    """Both layers are counted; the one is cheaper exactly when there are at least `start` tokens."""
    one, two = (numbers(counted(name, {"N": tokens, "d": width}))["work"] for name in (layer, other))
    if (one < two) != (tokens >= start):
        words = f"N = {tokens}, d = {width}: {layer} works {one}, {other} {two}"
        return fails(words, "less" if tokens >= start else "not less", one - two)
    return holds()


control(cheaper_exactly_from, "from-eight", "refuted", start=8, reason="at 8 it is still 4 d more")
control(cheaper_exactly_from, "from-thirty-two", "refuted", start=32, reason="at 16 it is 47 d less already")
control(
    cheaper_exactly_from,
    "swapped",
    "refuted",
    layer="scan_hillis_steele",
    other="scan_blelloch",
    reason="the rounds are the dearer ones in the long run",
)
control(
    cheaper_exactly_from,
    "sequential",
    "confirmed",
    layer="scan_sequential",
    start=4,
    reason="5 N l - 8 N + 6 is negative at 1, 0 at 2, and 14 at 4",
)
