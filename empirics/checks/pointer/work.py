"""Work of Pointer layers against bounds: counts followed along growing sizes, constants certified, one layer counted anew."""

from __future__ import annotations

import sympy

from empirics.checking import Check, Evidence, Run, check, control, fails
from empirics.checks.cost.bounding import followed
from empirics.checks.cost.counted import at, counted, numbers, sizes_of, told
from empirics.checks.pointer.growing import certified_of, formula_of, growth_of
from empirics.cost import derive
from empirics.subjects import SUBJECTS
from theory.cost import pointer as layers
from theory.cost.formulas import parse
from theory.pointer import work as claims
from theory.pointer.work import CountClaim

ALL, WINDOW = layers.pointer_all.costs.work, layers.pointer_window.costs.work
WIDTH = "at K = N every position is a candidate again"


@check(
    claims.as_stated,
    "tested",
    given={"bound": [claims.as_stated.bound]},
    scope=lambda run: {
        "method": run.pick("the layer counted at four sizes", "the polynomial recovered from counts of the layer")
        + ", then growth"
    },
)
def layer_followed(
    bound: str, layer: str = "pointer_all", count: str = ALL, fixed: tuple[str, ...] = ("d", "K"), run: Run = Run()
) -> Evidence:
    """The layer has the polynomial (counted at sizes; in the full budget derived from the layer), which is followed."""
    names = sizes_of(layer)
    for sizes in ({"N": n, "d": d, "K": k} for n, d, k in ((2, 2, 1), (3, 5, 2), (64, 8, 3), (2**20, 3, 4))):
        found, said = numbers(counted(layer, sizes))["work"], at(count, sizes)
        if found != said:
            shown = told({x: sizes[x] for x in names})
            return fails(f"{shown}: the work is {found}, the polynomial gives {said}", said, found)
    polynomial = sympy.expand(parse(count))
    if run.budget == "full" and (derived := derive(SUBJECTS[layer]).quantity("work").formula) != polynomial:
        return fails(f"the polynomial derived from the layer is {derived}", polynomial, derived)
    found = followed(count, bound, (), names, [x for x in fixed if x in names])
    return fails(f"{polynomial}; {found.words}", found.expected, polynomial) if found.words else found


control(
    layer_followed,
    "window",
    "confirmed",
    layer="pointer_window",
    count=WINDOW,
    reason="a window of K positions, K and d constant",
)
control(
    layer_followed,
    "additive",
    "confirmed",
    layer="pointer_additive",
    count=layers.pointer_additive.costs.work,
    reason="a running maximum",
)
control(layer_followed, "window-s-polynomial", "refuted", count=WINDOW, reason="the layer has another")

as_stated = growth_of(claims.as_stated)
control(as_stated, "window", "confirmed", count=WINDOW, fixed=("d", "K"), sizes=("N", "d", "K"), reason="K scores each")
control(as_stated, "times-n", "confirmed", factor="N", reason="quadratic it is, at a given width")
control(as_stated, "additive", "confirmed", count=layers.pointer_additive.costs.work, reason="a running maximum")

feature_dimension = growth_of(claims.feature_dimension)
control(feature_dimension, "times-n-and-d", "confirmed", factor="(N + d)", reason="pairs and maps")
control(feature_dimension, "selection-alone", "confirmed", count="3*N*d + 10*N", reason="one candidate, no maps")
control(feature_dimension, "times-d", "refuted", factor="d", reason="pairs of positions are left")

with_maps = growth_of(claims.with_maps)
control(
    with_maps, "additive", "confirmed", count=layers.pointer_additive.costs.work, reason="maps and a running maximum"
)
control(
    with_maps,
    "window-of-constant-width",
    "confirmed",
    count=WINDOW,
    fixed=("K",),
    sizes=("N", "d", "K"),
    reason="K scores each",
)

quadratic = certified_of(claims.quadratic)
control(quadratic, "thirty-times", "refuted", constant="30", reason="61 at N = d = 1, where the bound is 2")
control(quadratic, "maps-alone", "refuted", bound="N*d**2", reason="pairs of positions are left")
control(quadratic, "thirty-one-times", "confirmed", constant="31", reason="a weaker constant")

window = certified_of(claims.window)
control(window, "thirty-two-times", "refuted", constant="32", reason="65 at N = d = K = 1, where the bound is 2")
control(window, "masked", "refuted", count=ALL, reason="a window as a mask over all pairs scores all pairs")
control(window, "without-maps", "refuted", bound="N*K*d", reason="22 N d^2")
control(window, "taken-out", "confirmed", bound="N*d*(K + d)", reason="the same bound in another form")


def _linear(claim: CountClaim) -> Check:
    """Growth of a layer with K candidates; the same count with K = N must fall."""
    made = growth_of(claim)
    control(made, "masked", "refuted", count=ALL, reason="all pairs are scored")
    control(made, "k-is-n", "refuted", count=claim.count.replace("K", "N"), reason=WIDTH)
    control(made, "one-a-pair", "refuted", count=f"{claim.count} + N**2", reason="one operation a pair is too many")
    control(made, "times-log-n", "confirmed", factor="log(N + 1)", reason="a weaker bound")
    return made


def _has_formula(claim: CountClaim) -> Check:
    """The layer has the formula; K > N, K >= 10 and sizes of 1 among the sizes, which the cost claim's condition leaves out."""
    made = formula_of(claim, claim.sizes)
    control(made, "written-out", "refuted", layer="pointer_all", reason="all pairs are scored")
    some, few = ("K", "N") if "K" in claim.sizes else ("2", "N")
    fewer = claim.count.replace("K", "Min(K, N)") if some == "K" else f"{claim.count} + Max({some} - {few}, 0)"
    control(made, "few-positions", "refuted", count=fewer, reason="the same but at one end of the sizes")
    control(made, "enough-positions", "confirmed", count=fewer, where=f"{some} <= {few}", reason="and not at the other")
    return made


window_narrow = growth_of(claims.window_narrow)
control(window_narrow, "width-fixed", "confirmed", fixed=("d",), reason="then d^2 is a constant")
control(window_narrow, "choice-alone", "confirmed", count="3*N*K*d + 10*N*K + K", reason="without the maps")
control(window_narrow, "times-d", "confirmed", factor="d", reason="N K d^2 covers the maps")

strides = _linear(claims.strides)
previous = _linear(claims.previous)
buckets_sorted = _linear(claims.buckets_sorted)
strides_counted = _has_formula(claims.strides)
previous_counted = _has_formula(claims.previous)
buckets_counted = _has_formula(claims.buckets_sorted)

buckets = growth_of(claims.buckets)
control(buckets, "without-the-sort", "confirmed", count=f"{claims.buckets.count} - N*L(N)", reason="the rest is linear")
control(buckets, "as-many-candidates", "confirmed", conditions=("N <= K",), reason="then N K covers the sort")
control(buckets, "previous-pointers", "confirmed", count=claims.previous.count, reason="no sort")

strides_covering = growth_of(claims.strides_covering)
control(strides_covering, "window-of-n", "refuted", count=WINDOW.replace("K", "N"), reason="N candidates, not log N")
control(strides_covering, "all-positions", "refuted", count=ALL, reason="all pairs")
control(strides_covering, "fewer-strides", "confirmed", count=WINDOW.replace("K", "3"), reason="a constant number")

covering_counted = formula_of(claims.strides_covering, ("N", "d"), K=lambda sizes: (sizes["N"] - 1).bit_length())
control(
    covering_counted,
    "one-stride-more",
    "refuted",
    made={"K": lambda sizes: sizes["N"].bit_length()},
    reason="at powers of two ceil(log2 N) are enough",
)
control(
    covering_counted,
    "one-more-between",
    "confirmed",
    made={"K": lambda sizes: sizes["N"].bit_length()},
    where="N < 2**L(N)",
    reason="at no power of two they are as many",
)

strides_covering_linear = growth_of(claims.strides_covering_linear)
control(
    strides_covering_linear, "fixed-strides", "confirmed", count=WINDOW.replace("K", "3"), reason="a constant number"
)
control(strides_covering_linear, "times-log-n", "confirmed", factor="log(N)", reason="that much it is")
control(strides_covering_linear, "wide", "confirmed", conditions=("N <= d",), reason="then the maps cover the strides")

additive = growth_of(claims.additive)
control(additive, "written-out", "refuted", count=f"{claims.additive.count} + N**2", reason="a sum for every pair")
control(additive, "all-positions", "refuted", count=ALL, reason="all pairs")
control(additive, "width-fixed", "confirmed", fixed=("d",), reason="linear in N at a given width")
additive_counted = _has_formula(claims.additive)
