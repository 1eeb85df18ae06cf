"""Chunks of keys: all small splits by mean keys; boxes derived, exhausted, and counted on the keys that defeat them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from constructions.pointer.chunk_selection import BoxSelection, Vector, alternating_keys, compositions, mean_choice
from empirics.checking import Evidence, check, control, fails, holds, undecided
from theory.cost.formulas import evaluate, parse
from theory.cost.recovery.fitting import Unfit, fit
from theory.growth import decide
from theory.pointer import chunk_bounds as claims


@dataclass(frozen=True)
class Split:
    """Scores in chunks of these lengths."""

    scores: tuple[int, ...]
    lengths: tuple[int, ...]

    def __str__(self) -> str:
        rest = iter(self.scores)
        return " | ".join(" ".join(str(next(rest)) for _ in range(length)) for length in self.lengths)


def _splits(n: int, values: int, equal: bool = False) -> Iterator[Split]:
    for lengths in compositions(n):
        if not equal or len(set(lengths)) == 1:
            for scores in product(range(values), repeat=n):
                yield Split(scores, lengths)


def _by_sum(scores: Sequence[int], lengths: Sequence[int]) -> int:
    """The largest score in the chunk of the largest sum, the first of several."""
    rest = iter(scores)
    return max(max([[next(rest) for _ in range(length)] for length in lengths], key=sum))


@check(
    claims.mean_keys,
    "exhausted",
    given={"split": [split for n in range(1, 5) for split in _splits(n, 4)]},
    scope={"sizes": "up to four keys, scores 0 .. 3"},
)
def best_by_mean_keys(split: Split, choice: Callable[..., int] = mean_choice, longest: int = 4) -> Evidence:
    """All ways to split up to four keys, with all scores."""
    if max(split.lengths) > longest:
        return holds(cases=0)
    found, best = choice(split.scores, split.lengths), max(split.scores)
    if found != best:
        return fails(f"scores {split}: the chunk of the best mean has at most {found}, the best is {best}", best, found)
    return holds()


control(best_by_mean_keys, "chunks-of-one", "confirmed", longest=1, reason="then the mean key is the key")
control(
    best_by_mean_keys,
    "largest",
    "confirmed",
    choice=lambda scores, lengths: max(scores),
    reason="a chunk's largest score, not its mean",
)
control(best_by_mean_keys, "sums", "refuted", choice=_by_sum, reason="two poor scores outweigh a good one")


@check(
    claims.mean_keys_smallest,
    "exhausted",
    given={"n": [1, 2, 3, 4], "equal": [False, True]},
    covers=True,
    scope={"sizes": "up to four keys, scores 0 .. 3"},
)
def fewest_keys(n: int, equal: bool, fewest: tuple[int, int] = (3, 4), values: int = 4) -> Evidence:
    """Whether some split of n keys and some scores make the choice fail, for chunks of any lengths and of one length."""
    failing = next((s for s in _splits(n, values, equal) if mean_choice(s.scores, s.lengths) != max(s.scores)), None)
    if (failing is not None) != (n >= fewest[equal]):
        kind = "chunks of one length" if equal else "chunks of any lengths"
        return fails(f"{n} keys, {kind}: {'none fails' if failing is None else f'{failing} fails'}", n >= fewest[equal])
    return holds()


control(fewest_keys, "four-in-any-case", "refuted", fewest=(4, 4), reason="chunks of one and two fail with three keys")
control(fewest_keys, "three-in-any-case", "refuted", fewest=(3, 3), reason="three keys are one chunk or three")
control(fewest_keys, "scores-to-two", "refuted", values=3, reason="a failure needs 0 and 3 about a 2")
control(fewest_keys, "scores-to-four", "confirmed", values=5, reason="a wider range")


@check(
    claims.boxes_exact, "derived", covers=True, scope={"sizes": "all keys and dimensions", "method": "one inequality"}
)
def ends_bound_the_product(upper_end_alone: bool = False, scale: int = 1) -> Evidence:
    """For a key in an interval the product with q is at most the larger of those of its ends, for q of either sign."""
    import sympy

    low = sympy.Symbol("low", real=True)
    u, v, size = sympy.symbols("u v size", nonnegative=True)
    for sign in (1, -1):
        q, key, high = sign * size, low + u, low + u + v
        end = high if sign > 0 or upper_end_alone else low
        slack = sympy.expand(scale * (q * end - q * key))
        if not slack.is_nonnegative:
            return fails(f"q {'>=' if sign > 0 else '<='} 0: the bound less the product is {slack}", ">= 0", slack)
    return holds(cases=2)


control(
    ends_bound_the_product,
    "upper-end-alone",
    "refuted",
    upper_end_alone=True,
    reason="for q < 0 the lower end is larger",
)
control(ends_bound_the_product, "turned", "refuted", scale=-1, reason="the smaller of the two is a lower bound")
control(ends_bound_the_product, "doubled", "confirmed", scale=2, symmetry="the inequality scaled by a positive number")


def _keys_and_queries() -> Iterator[tuple[tuple[Vector, ...], Vector]]:
    """Fewest keys first, one coordinate before two."""
    signs = (-1, 0, 1)
    for n in range(1, 5):
        for keys in product(product(signs), repeat=n):
            yield from ((keys, q) for q in product(signs))
        for keys in product(product((0, 1), repeat=2), repeat=n):
            yield from ((keys, q) for q in product(signs, repeat=2))


@check(
    claims.boxes_exact,
    "exhausted",
    given=lambda _: {"case": _keys_and_queries()},
    scope={"sizes": "N <= 4, one and two dimensions, chunks of two", "evaluation": "integers"},
)
def boxes_against_all_scores(case: tuple[tuple[Vector, ...], Vector], form: Any = BoxSelection(2)) -> Evidence:
    """All small keys and queries: the pointer by boxes is the pointer of all scores."""
    keys, query = case
    scores = [sum(q * x for q, x in zip(query, key, strict=True)) for key in keys]
    ranked = [(score, -j if form.ties == "first" else j) for j, score in enumerate(scores)]
    wanted = ranked.index(max(ranked))
    found = form(query, keys).pointer
    if found != wanted:
        return fails(f"keys {keys}, q = {query}: points at {found}, not {wanted}", wanted, found)
    return holds()


class _UpperEnds(BoxSelection):
    """Takes the largest coordinates, whatever the sign of q."""

    def bound(self, query: Vector, keys: Sequence[Vector]) -> int:
        return sum(q * max(values) for q, values in zip(query, zip(*keys, strict=True), strict=True))


class _ClosesTies(BoxSelection):
    """Leaves a chunk closed when its bound is the best score, wherever it is."""

    def closed(self, bound: int, positions: range, best: int, where: int) -> bool:
        return bound <= best


class _OpensAll(BoxSelection):
    def closed(self, bound: int, positions: range, best: int, where: int) -> bool:
        return False


control(boxes_against_all_scores, "last-wins", "confirmed", form=BoxSelection(2, "last"), reason="the other tie rule")
control(boxes_against_all_scores, "chunks-of-three", "confirmed", form=BoxSelection(3), reason="another length")
control(boxes_against_all_scores, "opens-all", "confirmed", form=_OpensAll(2), reason="nothing is left out")
control(boxes_against_all_scores, "upper-ends", "refuted", form=_UpperEnds(2), reason="for q < 0 no bound")
control(
    boxes_against_all_scores,
    "closes-ties",
    "refuted",
    form=_ClosesTies(2),
    reason="an earlier chunk with a smaller bound may hold an equal score",
)


def _rising_keys(n: int) -> list[Vector]:
    return [(j, j) for j in range(n)]


@check(
    claims.boxes_worst_case,
    "tested",
    given=lambda run: {"n": [2, 4, 8, 16, 32, *run.pick([], [64, 128])]},
    scope=lambda run: {"sizes": f"N <= {run.pick(32, 128)}, chunks of two", "evaluation": "keys scored, counted"},
)
def keys_scored(
    n: int, keys: Callable[[int], list[Vector]] = alternating_keys, causal: str = "N**2/2 + 1", chunk: int = 2
) -> Evidence:
    """All queries are (1, 1); the keys that are scored are counted, of all positions and causally."""
    if n % chunk:
        return holds(cases=0)
    form, listed = BoxSelection(chunk), keys(n)
    query = (1,) * len(listed[0])
    everywhere = n * form(query, listed).keys
    before = sum(form(query, listed[: i + 1]).keys for i in range(n))
    for kind, found, formula in (("all j", everywhere, "N**2"), ("j <= i", before, causal)):
        wanted = evaluate(parse(formula), {"N": n}) if formula else found
        if found != wanted:
            return fails(f"N = {n}, {kind}: {found} keys are scored, not {wanted}", wanted, found)
    return holds(cases=2)


control(keys_scored, "rising-keys", "refuted", keys=_rising_keys, reason="the last box is the best")
control(
    keys_scored, "one-dimension", "refuted", keys=lambda n: [(j % 2,) for j in range(n)], reason="there a box is exact"
)
control(keys_scored, "all-pairs", "refuted", causal="N*(N + 1)/2", reason="an odd position's own key is not scored")
control(keys_scored, "chunks-of-four", "confirmed", chunk=4, causal="", reason="any even length; causal counts differ")


@check(
    claims.boxes_subquadratic,
    "tested",
    given={"causal": [False, True], "chunk": [2, 4]},
    scope={"sizes": "chunks of 2 and 4, N to 16 chunks", "method": "the count recovered from runs, then growth"},
)
def keys_scored_grow(
    causal: bool,
    chunk: int,
    keys: Callable[[int], list[Vector]] = alternating_keys,
    form: type[BoxSelection] = BoxSelection,
    bound: str = "N**(3/2)",
) -> Evidence:
    """Boxes are run on the family with q = (1, 1) at 8 sizes; the count's formula is recovered, and followed as N grows."""
    select, samples = form(chunk), []
    for n in range(2 * chunk, 16 * chunk + 1, 2 * chunk):
        listed = keys(n)
        query = (1,) * len(listed[0])
        before = (select(query, listed[: i + 1]).keys for i in range(n))
        samples.append(({"N": n}, sum(before) if causal else n * select(query, listed).keys))
    found = fit(samples, samples[0][0])
    if isinstance(found, Unfit):
        return undecided(found.reason)
    decision = decide(count := found.expression(), bound, symbols=("N",))
    if decision.outcome == "exceeds":
        kind = f"{'j <= i' if causal else 'all j'}, chunks of {chunk}"
        words = f"{decision.witness}, {kind}: {count} keys are scored, beyond every multiple of {bound}"
        return fails(words, bound, count)
    return holds() if decision.outcome == "within" else undecided(decision.reason)


control(keys_scored_grow, "opens-all", "refuted", form=_OpensAll, reason="all pairs, whatever the keys")
control(keys_scored_grow, "n-log-n", "refuted", bound="N*log(N)", reason="a smaller bound")
control(keys_scored_grow, "quadratic", "confirmed", bound="N**2", reason="never more than all pairs")
control(keys_scored_grow, "rising-keys", "confirmed", keys=_rising_keys, reason="one chunk a query, or two")
