"""Quotients of the printed throughputs, the quadratic part they force, and the training times they determine."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from empirics.checking import Evidence, check, control, fails, holds
from theory.pointer import printed, scaling
from theory.pointer import printed_throughput as claims
from theory.pointer.printed import LENGTHS, Printed

Rows = Mapping[str, Mapping[int, Printed]]


def _as_costs(constant: Any, linear: Any, quadratic: Any, n: Any) -> Any:
    return constant + linear * n + quadratic * n**2


@check(
    claims.quadratic_share,
    "derived",
    covers=True,
    scope={"sizes": "all c, a, b >= 0 and N", "method": "c, a, b, N symbols"},
)
def quadratic_term_by_doubling(cost: Any = _as_costs, freed: int = 2) -> Evidence:
    """2 (t(2N) - 2 t(N)) + 2 c is b (2N)^2, and its quotient by t(2N) is a statement about throughputs."""
    import sympy

    c, a, b, n, short, long = sympy.symbols("c a b N r_N r_2N", positive=True)
    gained = 2 * (cost(c, a, b, 2 * n) - 2 * cost(c, a, b, n)) + freed * c
    residual = sympy.expand(gained - b * (2 * n) ** 2)
    if residual != 0:
        return fails(f"the two sides differ by {residual}", 0, residual)
    share = 2 * (2 * n / long - 2 * n / short) / (2 * n / long)
    rest = sympy.cancel(sympy.together(share - (2 - 2 * long / short)))
    if rest != 0:
        return fails(f"the shares differ by {rest}", 0, rest)
    return holds(cases=2)


control(quadratic_term_by_doubling, "constant-once", "refuted", freed=1, reason="2 (1 - 2) c is -2 c")
control(
    quadratic_term_by_doubling,
    "cubic-term",
    "refuted",
    cost=lambda c, a, b, n: c + a * n + b * n**3,
    reason="a cube grows eightfold",
)
control(
    quadratic_term_by_doubling,
    "no-constant",
    "confirmed",
    cost=lambda c, a, b, n: a * n + b * n**2,
    freed=0,
    reason="with c = 0 the term is exactly 2 (t(2N) - 2 t(N))",
)

SHARES = {"Pointer": Fraction(479, 1000), "Transformer": Fraction(827, 1000)}


@check(
    claims.quadratic_share,
    "exhausted",
    given={"model": list(SHARES)},
    scope={"sizes": "N = 1024 and 2048, both models"},
)
def quadratic_part_of_the_last_column(
    model: str, least: Any = SHARES, rows: Rows = printed.THROUGHPUT, short: int = 1024
) -> Evidence:
    """The least quotient that rounding allows gives at least the share stated, and less than a thousandth more."""
    quotient = scaling.ratio(rows[model][2 * short], rows[model][short])
    low, high = 2 - 2 * quotient[1], 2 - 2 * quotient[0]
    if not least[model] <= low <= high < least[model] + Fraction(1, 1000):
        return fails(f"{model}: the share is at least {float(low):.4f}", float(least[model]), float(low))
    return holds()


control(
    quadratic_part_of_the_last_column,
    "a-hundredth-more",
    "refuted",
    least={model: share + Fraction(1, 100) for model, share in SHARES.items()},
    reason="the table does not force that much",
)
control(
    quadratic_part_of_the_last_column,
    "the-columns-before",
    "refuted",
    short=512,
    reason="from 512 to 1024 Pointer's throughput rises, which forces no quadratic term",
)
control(
    quadratic_part_of_the_last_column,
    "tenfold-throughput",
    "confirmed",
    rows={m: {n: Printed(f"{rate.text}0") for n, rate in row.items()} for m, row in printed.THROUGHPUT.items()},
    reason="another unit of time, and less rounding",
)


def speed_up(rows: Rows, n: int) -> printed.Interval:
    """How many times as fast Pointer is at length n."""
    return scaling.ratio(rows["Pointer"][n], rows["Transformer"][n])


@check(
    claims.faster_everywhere, "exhausted", given={"n": list(LENGTHS)}, covers=True, scope={"sizes": "N = 256 to 2048"}
)
def two_to_ten_times_as_fast(n: int, least: int = 2, most: int = 10, rows: Rows = printed.THROUGHPUT) -> Evidence:
    """The quotient at each length, with all that rounding allows, against the range printed."""
    low, high = speed_up(rows, n)
    if high < least or low > most:
        words = f"N = {n}: {rows['Pointer'][n].text} / {rows['Transformer'][n].text} = {float(low):.4f}"
        return fails(words, f"{least}..{most}", f"{float(low):.4f}")
    return holds()


_HALVES = {"Pointer": printed.THROUGHPUT["Pointer"], "Transformer": dict.fromkeys(LENGTHS, Printed("7000"))}
control(
    two_to_ten_times_as_fast, "a-slower-rival", "confirmed", rows=_HALVES, reason="14446 / 7000 = 2.06 is the least"
)
control(two_to_ten_times_as_fast, "not-below-a-third", "confirmed", least=0, reason="0.476 to 2.448 lie in 0..10")
control(two_to_ten_times_as_fast, "not-slower", "refuted", least=1, reason="0.476 at 256 tokens")
control(
    two_to_ten_times_as_fast,
    "models-exchanged",
    "refuted",
    rows={"Pointer": printed.THROUGHPUT["Transformer"], "Transformer": printed.THROUGHPUT["Pointer"]},
    reason="2.10 at 256, 0.84 at 512",
)

QUOTIENTS = {**printed.SPEED_UPS, 512: Printed("1.19"), 1024: Printed("1.89")}


@check(
    claims.faster_at_the_longest,
    "exhausted",
    given={"n": list(LENGTHS)},
    covers=True,
    scope={"sizes": "N = 256 to 2048"},
)
def quotients_print_as_stated(n: int, stated: Any = QUOTIENTS, rows: Rows = printed.THROUGHPUT) -> Evidence:
    """Every quotient that rounding allows prints as stated; from 2048 on, between 2 and 10; nowhere above 2.45."""
    low, high = speed_up(rows, n)
    fits = all(map(stated[n].may_be, (low, high))) and high <= printed.SPEED_UPS[LENGTHS[-1]].value
    if not fits or (n >= LENGTHS[-1] and not 2 <= low <= high <= 10):
        return fails(f"N = {n}: {float(low):.4f}..{float(high):.4f}", stated[n].text, f"{float(low):.4f}")
    return holds()


control(
    quotients_print_as_stated,
    "rounded-up",
    "refuted",
    stated={256: Printed("0.5"), 512: Printed("1.2"), 1024: Printed("2.0"), 2048: Printed("2.5")},
    reason="1.8875 is not 2.0",
)
control(
    quotients_print_as_stated,
    "times-exchanged",
    "refuted",
    rows={"Pointer": printed.THROUGHPUT["Transformer"], "Transformer": printed.THROUGHPUT["Pointer"]},
    reason="2.099 is not 0.48",
)
control(
    quotients_print_as_stated,
    "one-decimal",
    "confirmed",
    stated={256: Printed("0.5"), 512: Printed("1.2"), 1024: Printed("1.9"), 2048: Printed("2.4")},
    reason="the same quotients with fewer places",
)


@check(
    claims.one_measurement,
    "exhausted",
    given={"sequences": list(range(1, 65))},
    covers=True,
    scope={"sizes": "1 to 64 sequences, N = 256 to 2048"},
)
def training_times_are_of_twenty(
    sequences: int, claimed: int = 20, seconds: Mapping[int, Printed] = printed.TRAINING_SECONDS["Pointer"]
) -> Evidence:
    """That many sequences at the printed throughputs may take the printed seconds at all lengths: for 20, not otherwise."""
    times = scaling.times_of_throughput(printed.THROUGHPUT["Pointer"])
    agree = {
        n: sequences * low <= seconds[n].interval[1] and seconds[n].interval[0] <= sequences * high
        for n, (low, high) in times.items()
    }
    if all(agree.values()) != (sequences == claimed):
        off = [n for n, fits in agree.items() if not fits]
        told = f"do not fit at N = {off[0]}" if off else "fit at every length"
        return fails(f"{sequences} sequences {told}", f"{claimed} and no other", sequences)
    return holds()


_SECONDS = printed.TRAINING_SECONDS["Pointer"]
control(training_times_are_of_twenty, "sixteen", "refuted", claimed=16, reason="16 * 2048 / 28268 = 1.16")
control(
    training_times_are_of_twenty,
    "half-a-second-more",
    "refuted",
    seconds={**_SECONDS, 2048: Printed("1.95")},
    reason="26.9 sequences there, 20 elsewhere",
)
control(
    training_times_are_of_twenty,
    "tenths-of-seconds",
    "confirmed",
    seconds={256: Printed("0.4"), 512: Printed("0.3"), 1024: Printed("0.6"), 2048: Printed("1.4")},
    reason="19 sequences take 0.34 s at 256, and 21 take 1.52 s at 2048",
)
