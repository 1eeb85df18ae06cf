"""What trained models make of reachability by path length, beside the construction: the same trainings for every claim and control."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.store import Entry
from empirics.tasks import Reachability
from empirics.training.evaluation import evaluate
from empirics.training.hand_built import perturbed
from empirics.training.hand_built import reachability as built
from empirics.training.kept import measured
from empirics.training.models import TokenModel
from empirics.training.statistics import accuracies, share, stratum_accuracies
from empirics.training.studies.paths import (
    BUILT,
    CHAINS,
    ERASING,
    NO_PATH,
    UNTRAINED,
    length_of,
    look_up,
    name_of,
    study,
)
from theory.training import paths as claims

LIMIT = 300
LEARNT, COIN = 0.8, 0.5
LENGTH = length_of(CHAINS)


def _scope(run: Run) -> dict[str, Any]:
    sizes = f"chains of 6 nodes, {run.pick(4, 8)} seeds, 2048 questions each"
    told = {"sizes": sizes, "interval": "95 %, Clopper and Pearson, of the seeds that do"}
    return {**told, "device": run.device, "threads": torch.get_num_threads()}


def _entries(kind: str, run: Run) -> list[Entry]:
    asked = study(run.budget, run.seed)
    return measured(asked.plans[name_of(kind)], asked.seeds, run.device).entries


def _by_length(kind: str, edges: Sequence[int], run: Run, least: float, most: float) -> Evidence:
    """Whether every seed's accuracy on paths of so many edges lies between the two."""
    strata, cases, told = stratum_accuracies(_entries(kind, run), LENGTH), 0, {}
    for e in edges:
        outside = [x for x in strata[e] if not least <= x <= most]
        where = f"{kind}, {'no path' if e == NO_PATH else f'paths of {e} edges'}"
        if outside:
            words = f"{where}: {len(outside)} of {len(strata[e])} seeds, one right on {outside[0]:.2f}"
            return fails(words, f"{least:g} to {most:g} for every seed", f"{outside[0]:.2f}")
        cases += len(strata[e])
        told[where] = str(share([float(least <= x <= most) for x in strata[e]], 1.0))
    return holds(cases=cases, **told)


@check(claims.one_edge, "measured", given={"edges": [NO_PATH, 1]}, scope=_scope, limit=LIMIT)
def one_edge_is_learnt(edges: int, run: Run, kind: str = ERASING) -> Evidence:
    """Every seed on the paths of one edge, and where there is none."""
    return _by_length(kind, [edges], run, LEARNT, 1)


control(one_edge_is_learnt, "untrained", "refuted", kind=UNTRAINED, reason="weights as they begin say nothing")
control(one_edge_is_learnt, "construction", "confirmed", kind=BUILT, reason="it answers by the theorem")


@check(claims.reachability, "measured", given={"edges": [NO_PATH, 1, 2, 3]}, scope=_scope, limit=LIMIT)
def every_path_length_is_learnt(edges: int, run: Run, kind: str = ERASING) -> Evidence:
    """Every seed at every path length."""
    return _by_length(kind, [edges], run, LEARNT, 1)


control(every_path_length_is_learnt, "untrained", "refuted", kind=UNTRAINED, reason="weights as they begin say nothing")
control(every_path_length_is_learnt, "construction", "confirmed", kind=BUILT, reason="it answers by the theorem")


@check(claims.longer, "measured", given={"edges": [2, 3]}, scope=_scope, limit=LIMIT)
def longer_paths_are_worse_than_a_coin(
    edges: int, run: Run, kinds: Sequence[tuple[str, float]] = ((ERASING, LEARNT), ("deltanet-2", 0.7))
) -> Evidence:
    """Every seed right on one edge, as often as is said of its kind, and on at most half of the longer paths."""
    cases, told = 0, {}
    for kind, learnt in kinds:
        for found in (_by_length(kind, [1], run, learnt, 1), _by_length(kind, [edges], run, 0, COIN)):
            if found.words:
                return found
            cases, told = cases + found.cases, {**told, **found.scope}
    return holds(cases=cases, **told)


control(
    longer_paths_are_worse_than_a_coin,
    "construction",
    "refuted",
    kinds=((BUILT, LEARNT),),
    reason="it is right on all paths",
)
control(
    longer_paths_are_worse_than_a_coin,
    "untrained",
    "refuted",
    kinds=((UNTRAINED, LEARNT),),
    reason="it has not learned one edge",
)
control(
    longer_paths_are_worse_than_a_coin,
    "another-erasing",
    "confirmed",
    kinds=(("deltanet-2", 0.7),),
    reason="the look-up is as near for every model that holds tokens",
)


@check(claims.average, "measured", scope=_scope, limit=LIMIT)
def the_average_is_that_of_the_look_up(run: Run, kind: str = ERASING) -> Evidence:
    """Every seed's accuracy on all questions against what the look-up alone would earn."""
    entries = _entries(kind, run)
    alone = look_up({name_of(kind): entries})
    least, most = (COIN + alone) / 2, alone + 0.05
    found = accuracies(entries, LENGTH)
    outside = [x for x in found if not least <= x <= most]
    if outside:
        words = f"{kind}: {len(outside)} of {len(found)} seeds, one right on {outside[0]:.3f} of all; the look-up earns {alone:.3f}"
        return fails(words, f"{least:.3f} to {most:.3f}", f"{outside[0]:.3f}")
    return holds(cases=len(found), alone=f"{alone:.3f}")


control(the_average_is_that_of_the_look_up, "construction", "refuted", kind=BUILT, reason="it earns all")
control(the_average_is_that_of_the_look_up, "untrained", "refuted", kind=UNTRAINED, reason="it earns a half")
control(
    the_average_is_that_of_the_look_up,
    "another-erasing",
    "confirmed",
    kind="deltanet-2",
    reason="the look-up is as near for every model that holds tokens",
)


def _graphs(run: Run) -> dict[str, list[object]]:
    return {
        "family": ["chains", "trees", "random"],
        "tokens": ["edges", "nodes"],
        "names": run.pick([6, 12], [6, 12, 20]),
    }


@check(
    claims.construction,
    "tested",
    given=_graphs,
    scope=lambda run: {"sizes": f"graphs of up to {run.pick(12, 20)} nodes, 256 each", "device": "cpu"},
    limit=LIMIT,
)
def construction_answers_every_question(
    family: str,
    tokens: str,
    names: int,
    build: Callable[[Reachability], TokenModel] = built,
    order: str = "topological",
) -> Evidence:
    """Every answer right, at the greatest length."""
    told = Reachability(family, tokens, names)
    asked = Reachability(family, tokens, names, order)
    found = evaluate(build(told), asked, length_of(asked))
    if found.right < found.of:
        wrong = {edges: of - right for edges, (right, of) in sorted(found.strata.items()) if right < of}
        words = f"{family} of {names} names by {tokens}: wrong answers by edges on the path (0: none) {wrong}"
        return fails(words, found.of, found.right)
    return holds(cases=found.of)


control(
    construction_answers_every_question,
    "noise",
    "refuted",
    build=lambda task: perturbed(built(task), 1.0, 0),
    reason="noise as large as the weights",
)
control(
    construction_answers_every_question,
    "shuffled",
    "refuted",
    order="shuffled",
    reason="one layer reads a graph in topological order",
)
control(
    construction_answers_every_question,
    "float64",
    "confirmed",
    build=lambda task: built(task).double(),
    symmetry="more digits than are needed",
)
