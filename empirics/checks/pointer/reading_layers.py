"""The reading of layers: do they differ, do they look at the input, and what does an untrained one show?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import torch

from constructions.layers.pointer import AllPositions, Candidates, Listed, PointerBlock, Window
from empirics.checking import Evidence, check, control, fails, holds
from empirics.reading import count, divergence, specialisation
from theory.pointer import reading as claims
from theory.pointer.nulls import UNIFORM_CAUSAL

Test = Callable[[np.ndarray], float]
"""Counts `(layers, batch, N)` -> p-value."""


def _p_value(counts: np.ndarray) -> float:
    return specialisation(counts, permutations=math.factorial(len(counts)) ** counts.shape[1]).p_value


def _orders(layers: int, batch: int) -> list[np.ndarray]:
    """All ways to hand a sequence's counts out to the layers, each sequence for itself."""
    one = [np.array(p) for p in itertools.permutations(range(layers))]
    return [np.stack(chosen, -1) for chosen in itertools.product(one, repeat=batch)]


def _without_ties(counts: np.ndarray) -> float:
    """Only permutations more divergent than the data."""
    observed, orders = divergence(counts.sum(1)), _orders(*counts.shape[:2])
    sequences = np.arange(counts.shape[1])
    return sum(divergence(counts[o, sequences].sum(1)) > observed for o in orders) / len(orders)


def _as_one_sample(counts: np.ndarray) -> float:
    """Half the p-value, as if only one direction had been asked."""
    return _p_value(counts) / 2


@check(
    claims.specialisation_level,
    "exhausted",
    given={"seed": range(5), "sizes": [(2, 1), (2, 2), (2, 4), (3, 2)]},
    scope={"sizes": "2 layers with up to 4 sequences, 3 layers with 2, N = 4", "method": "all orders of the layers"},
)
def p_values_are_valid(seed: int, sizes: tuple[int, int], test: Test = _p_value, n: int = 4) -> Evidence:
    """Over all equally likely orders of the layers, a p-value <= a comes in a share of at most a."""
    layers, batch = sizes
    pointers = np.random.default_rng(seed).integers(0, n, (layers, batch, 6))
    counts = (pointers[..., None] == np.arange(n)).sum(2)
    values = np.array([test(counts[o, np.arange(batch)]) for o in _orders(layers, batch)])
    for a in np.unique(values):
        share = float((values <= a).mean())
        if share > a:
            words = f"seed {seed}, {layers} layers, {batch} sequences: p <= {a:g} in {share:g} of all orders"
            return fails(words, f"<= {a:g}", share)
    return holds(cases=len(values))


control(p_values_are_valid, "ties-left-out", "refuted", test=_without_ties, reason="the most divergent order has p = 0")
control(p_values_are_valid, "halved", "refuted", test=_as_one_sample, reason="the least divergent order has p = 1/2")
control(p_values_are_valid, "more-hops", "confirmed", n=9, reason="the ranks do not depend on what is ranked")


@check(
    claims.specialisation_level,
    "exhausted",
    given={"sizes": [(2, 1), (2, 2), (2, 5), (3, 2), (3, 3)]},
    scope={"sizes": "2 and 3 layers, up to 5 sequences"},
)
def disjoint_hops_are_most_divergent(sizes: tuple[int, int], overlap: int = 0, n: int = 8) -> Evidence:
    """Layer l hops l and nothing else: log2 L bits, the smallest p-value."""
    layers, batch = sizes
    counts = np.zeros((layers, batch, n), dtype=np.int64)
    counts[np.arange(layers), :, np.arange(layers) * (1 - overlap)] = 1
    found = specialisation(counts)
    wanted = (math.log2(layers), 1 / math.factorial(layers) ** (batch - 1))
    if found.divergence != wanted[0] or found.p_value != wanted[1]:
        words = f"{layers} layers, {batch} sequences: {found.divergence:g} bits, p = {found.p_value:g}"
        return fails(words, wanted, (found.divergence, found.p_value))
    return holds()


control(disjoint_hops_are_most_divergent, "all-alike", "refuted", overlap=1, reason="0 bits, every order as divergent")
control(disjoint_hops_are_most_divergent, "longer", "confirmed", n=64, reason="hops that nobody makes count nothing")

WIDTH, TOKENS = 8, 12
RULES: dict[str, tuple[Candidates, bool]] = {
    "window of one": (Window(1), False),
    "single list": (Listed(tuple((max(i - 3, 0),) for i in range(TOKENS))), False),
    "all positions": (AllPositions(), True),
}
"""Candidates, and whether the pointers look at the input."""


@check(
    claims.dependence,
    "tested",
    given={"rule": list(RULES)},
    scope={"sizes": "three layers of two heads, twelve tokens, two inputs"},
)
def only_content_changes(rule: str, seed: int = 0, inputs: int = 2, same: bool = False) -> Evidence:
    """Changes and information are zero exactly where the rule leaves one candidate."""
    candidates, looks = RULES[rule]
    draw = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = PointerBlock(WIDTH, candidates, heads=2, dtype=torch.float64)
    x = torch.randn(inputs, TOKENS, WIDTH, dtype=torch.float64, generator=draw)
    found = count(layer.point(x[:1].expand_as(x) if same else x).pointers[None])
    changes, bits = float(found.changes.min()), float(found.information.min())
    if (changes > 0) != looks or (bits > 0) != looks:
        words = f"{rule}: {changes:g} of the pointers change, {bits:g} bits"
        return fails(words, "more than 0" if looks else "0", changes)
    return holds()


control(
    only_content_changes, "the-same-input", "refuted", same=True, reason="content that is the same is pointed alike"
)
control(only_content_changes, "another-seed", "confirmed", seed=7, reason="other numbers")
control(only_content_changes, "five-inputs", "confirmed", inputs=5, reason="more pairs to differ")

HEADS, HEAD, ROWS = 32, 8, 16
FALSE_ALARM = 1e-9


def untrained_pointers(seed: int, blocks: int, tied: bool, vocabulary: int) -> torch.Tensor:
    """`(blocks * HEADS, N)`, each of its own initialisation and input: head h of a block looks at sequence h only."""
    draw, found = torch.Generator().manual_seed(seed), []
    for _ in range(blocks):
        block = PointerBlock(HEADS * HEAD, heads=HEADS, encode="none", gate="none", expansion=0)
        with torch.no_grad():
            block.query.weight.normal_(generator=draw)
            block.key.weight.copy_(block.query.weight) if tied else block.key.weight.normal_(generator=draw)
            rows = torch.randn(HEADS, vocabulary or ROWS, HEADS * HEAD, generator=draw)
            if vocabulary:
                tokens = torch.randint(vocabulary, (HEADS, ROWS), generator=draw)
                rows = rows.gather(1, tokens[..., None].expand(-1, -1, HEADS * HEAD))
            pointers = block.point(rows).pointers
        found.append(pointers[range(HEADS), range(HEADS)])
    return torch.cat(found)


def _untrained(seed: int, blocks: int, tied: bool, vocabulary: int) -> Evidence:
    """Hoeffding: a mean of M independent values of range r is off by sqrt(log(2 / alpha) / (2 M)) r with probability <= alpha."""
    pointers = untrained_pointers(seed, blocks, tied, vocabulary)
    found = count(pointers[None, :, None], permutations=1)
    off = math.sqrt(math.log(2 / FALSE_ALARM) / (2 * len(pointers)))
    for name, value, wanted, reach in (
        ("mean hop", found.mean_hop, UNIFORM_CAUSAL.mean_hop(ROWS), (ROWS - 1) / 2),
        ("self-loops", found.self_loops, UNIFORM_CAUSAL.own(ROWS) / ROWS, 1.0),
    ):
        got = float(value[0, 0])
        if abs(got - float(wanted)) > off * reach:
            words = (
                f"N = {ROWS}, {len(pointers)} draws: {name} {got:.2f}, not {float(wanted):.2f} up to {off * reach:.2f}"
            )
            return fails(words, f"{float(wanted):.3f}", f"{got:.3f}")
    return holds(cases=len(pointers))


@check(
    claims.untrained,
    "tested",
    given=lambda run: {"seed": range(run.pick(1, 10))},
    scope={"sizes": "N = 16, 512 initialisations and inputs", "method": "Hoeffding, false alarm 10^-9"},
)
def gaussian_layers_are_uniform(seed: int, tied: bool = False, vocabulary: int = 0) -> Evidence:
    """Mean hop and self-loops of heads freshly drawn, each on an input of its own."""
    return _untrained(seed, 16, tied, vocabulary)


control(gaussian_layers_are_uniform, "key-is-query", "refuted", tied=True, reason="a row's own score is a square then")
control(gaussian_layers_are_uniform, "two-tokens", "refuted", vocabulary=2, reason="equal rows tie, the first is taken")
control(
    gaussian_layers_are_uniform, "large-vocabulary", "confirmed", vocabulary=64, reason="a token seldom comes again"
)


@check(
    claims.repeated_tokens,
    "tested",
    given={"vocabulary": [2, 4]},
    scope={"sizes": "N = 16, 512 initialisations and inputs", "method": "Hoeffding, false alarm 10^-9"},
)
def tokens_are_uniform_too(vocabulary: int, seed: int = 0, distinct: int = 0) -> Evidence:
    """The same of embeddings of so many tokens."""
    return _untrained(seed, 16, False, distinct or vocabulary)


control(tokens_are_uniform_too, "sixty-four-tokens", "confirmed", distinct=64, reason="a token seldom comes again")
control(tokens_are_uniform_too, "another-seed", "refuted", seed=3, reason="the ties do not depend on the numbers")
