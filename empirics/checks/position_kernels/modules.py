"""The bias modules: decoded rows are rows of the whole, and parameters are as many as stated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from empirics.checking import Evidence, check, control, fails
from theory.position_kernels import numerics as claims

METHODS = (
    "Alibi",
    "Alibi, learned",
    "Kerple",
    "Kerple, power",
    "T5",
    "Sandwich",
    "Fire",
    "Mep, two",
    "Mep, three",
    "Mep, learned",
    "ParameterisedMep",
    "NoPosition",
    "Rotary",
)


def build(method: str, heads: int, hidden: int = 32) -> Any:
    """The module of a name of METHODS, its random values from a seed."""
    import torch

    from constructions.layers import position_kernels as layers

    makers: dict[str, Callable[[], Any]] = {
        "Alibi": lambda: layers.Alibi(heads),
        "Alibi, learned": lambda: layers.Alibi(heads, learn_slopes=True),
        "Kerple": lambda: layers.Kerple(heads),
        "Kerple, power": lambda: layers.Kerple(heads, "power"),
        "T5": lambda: layers.T5(heads),
        "Sandwich": lambda: layers.Sandwich(heads, count=16),
        "Fire": lambda: layers.Fire(heads, hidden, threshold=24.0),
        "Mep, two": lambda: layers.Mep(heads, 2),
        "Mep, three": lambda: layers.Mep(heads, 3),
        "Mep, learned": lambda: layers.Mep(heads, 3, learn_slopes=True, learn_weights=True),
        "ParameterisedMep": lambda: layers.ParameterisedMep(heads),
        "NoPosition": lambda: layers.NoPosition(heads),
        "Rotary": lambda: layers.Rotary(heads),
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return makers[method]()


def with_past(bias: Any, t: int, like: Any) -> Any:
    """The row of a query after t cached keys."""
    return bias(1, t + 1, like)


def query_at_zero(bias: Any, t: int, like: Any) -> Any:
    """The same for a query that is counted from 0: every distance is 0 or less, taken as 0."""
    return bias(1, 1, like).expand(-1, -1, t + 1)


def one_behind(bias: Any, t: int, like: Any) -> Any:
    """Keys counted from 1."""
    return bias(1, t + 2, like)[..., :-1]


def slack(bias: Any, dtype: Any) -> float:
    """0; for FIRE twice what rounding may do to a network of h hidden numbers: products of matrices of other shapes may sum in another
    order. Inner products of h terms are off by h u times the sum of sizes, and the few operations around them by a unit each."""
    import torch

    if not hasattr(bias, "last"):
        return 0.0
    hidden = (bias.first.weight.abs().sum(1) + bias.first.bias.abs()).double()  # at most, as the share is at most 1
    size = float((bias.last.weight.abs().double() @ hidden + bias.last.bias.abs()).max())
    return 2 * (len(hidden) + 8) * torch.finfo(dtype).eps / 2 * size


@check(
    claims.decoding,
    "exhausted",
    given={"method": METHODS},
    covers=True,
    scope={
        "sizes": "3 heads, 19 steps t < 160",
        "evaluation": "torch, float32 and float64, equal bits; FIRE to rounding",
    },
)
def rows_are_rows(method: str, row: Callable[[Any, int, Any], Any] = with_past) -> Evidence | None:
    """Every row of the whole, its future cut off, against the row of a decoded query."""
    import torch

    bias = build(method, 3)
    for dtype in (torch.float32, torch.float64):
        like = torch.empty((), dtype=dtype)
        with torch.no_grad():
            whole = bias(160, 160, like)
            for t in (*range(12), 23, 24, 25, 112, 113, 128, 159):
                found = row(bias, t, like)[:, 0]
                wrong = (found - whole[:, t, : t + 1]).abs() > slack(bias, dtype)
                if wrong.any():
                    j = int(wrong.any(0).nonzero()[0])
                    return fails(f"{method}, {dtype}, t = {t}, key {j}", whole[:, t, j].tolist(), found[:, j].tolist())
    return None


control(rows_are_rows, "query-at-zero", "refuted", row=query_at_zero, reason="every key is at distance 0 then")
control(rows_are_rows, "one-behind", "refuted", row=one_behind, reason="every distance is one more")
control(
    rows_are_rows,
    "two-queries",
    "confirmed",
    row=lambda bias, t, like: bias(min(2, t + 1), t + 1, like)[:, -1:],
    symmetry="the last of two queries is the same query",
)

COUNTS: dict[str, Callable[[int, int], int]] = {
    "Alibi": lambda H, h: 0,
    "Alibi, learned": lambda H, h: H,
    "Kerple": lambda H, h: 2 * H,
    "Kerple, power": lambda H, h: 2 * H,
    "T5": lambda H, h: 32 * H,
    "Sandwich": lambda H, h: 0,
    "Fire": lambda H, h: 2 + 2 * h + (h + 1) * H,
    "Mep, two": lambda H, h: 0,
    "Mep, three": lambda H, h: 0,
    "Mep, learned": lambda H, h: H + 3 * H,
    "ParameterisedMep": lambda H, h: 34 * H,
    "NoPosition": lambda H, h: 0,
    "Rotary": lambda H, h: 0,
}


@check(
    claims.parameters,
    "exhausted",
    given={"method": METHODS, "heads": (1, 2, 4, 8), "hidden": (32, 8)},
    covers=True,
    scope={"sizes": "H = 1, 2, 4, 8; h = 32, 8"},
)
def as_many_as_stated(
    method: str, heads: int, hidden: int, more: int = 0, ones: Callable[[int], int] = lambda H: H
) -> Evidence | None:
    """The numbers in the modules' parameters."""
    found = sum(p.numel() for p in build(method, heads, hidden).parameters())
    wanted = COUNTS[method](ones(heads), hidden) + more
    return None if found == wanted else fails(f"{method}, {heads} heads: {found} parameters", wanted, found)


control(as_many_as_stated, "one-more", "refuted", more=1, reason="a number that is not there")
control(as_many_as_stated, "shared-by-heads", "refuted", ones=lambda H: 1, reason="each head has its own")
control(as_many_as_stated, "same-heads", "confirmed", ones=lambda H: 2 * H // 2, symmetry="2 H / 2 = H")
