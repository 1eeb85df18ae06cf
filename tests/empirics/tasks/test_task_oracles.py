"""Every task: batched targets against the oracle of one sequence, balance, seeds, lengths, doors."""

import json
from fractions import Fraction

import pytest
import torch
from scipy.stats import binom, binomtest
from task_cases import CASES, lengths

from empirics.tasks import (
    IGNORE,
    TASKS,
    Copying,
    Counting,
    Passkey,
    Reachability,
    Recall,
    SwapTracking,
    Text,
    WordProblem,
    named,
)

ALL = pytest.mark.parametrize("name", CASES)


@ALL
def test_targets_are_the_oracles(name):
    task = CASES[name]
    asked = 0
    for length in lengths(task):
        tokens, targets, strata = task.sample(12, length, seed=length)
        assert tokens.shape == targets.shape == strata.shape == (12, length)
        assert {x.dtype for x in (tokens, targets, strata)} == {torch.int64}
        assert int(tokens.min()) >= 0
        assert int(tokens.max()) < task.vocabulary
        for row, of in zip(tokens.tolist(), targets.tolist(), strict=True):
            assert task.oracle(row) == of
        there = targets != IGNORE
        assert torch.equal(there, strata != IGNORE)
        assert there.any(1).all(), "every sequence asks something"
        assert int(targets[there].min()) >= 0
        assert int(targets[there].max()) < task.classes
        asked += int(there.sum())
    assert asked > 0


@ALL
def test_a_seed_is_the_same_bytes_and_another_is_not(name):
    task = CASES[name]
    length = lengths(task)[1]
    first, again, other = (task.sample(64, length, seed).tokens for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@ALL
def test_a_guess_earns_no_more_than_it_says(name):
    """Of each sequence one answer, so that they are independent: no class is so common or so rare that counts like it have, by the
    binomial law of the guess, a chance below one in a million for all classes together; for text none is so common."""
    task, rows = CASES[name], 1500
    alpha = 1e-6 / (2 * task.classes)
    targets = task.sample(rows, lengths(task)[1], seed=11).targets
    chance = torch.rand(targets.shape, generator=torch.Generator().manual_seed(0)).masked_fill(targets == IGNORE, -1)
    answers = targets.gather(1, chance.argmax(1, keepdim=True))[:, 0]
    counts = torch.bincount(answers, minlength=task.classes).numpy()
    assert (binom.sf(counts - 1, rows, float(task.guess)) > alpha).all()
    assert isinstance(task, Text) or (binom.cdf(counts, rows, float(task.guess)) > alpha).all()


@pytest.mark.parametrize("family", ["chains", "trees", "random"])
@pytest.mark.parametrize("tokens", ["edges", "nodes"])
def test_neither_gap_nor_degree_tells_reachability(family, tokens):
    """Answers of pairs at each distance in the list of nodes are even; every source has a child, every target a parent."""
    task = Reachability(family, tokens)
    made = task.sample(2000, task.longest, seed=5)
    last_question, n = made.tokens[:, -1] - task.first_question, task.names
    x, y = last_question // n, last_question % n
    answer = made.targets[:, -1]
    graph = made.tokens[:, : -task.questions(task.longest)]
    if tokens == "nodes":
        stands = (graph - 1) // task.parent_sets
        gap = (stands == y[:, None]).long().argmax(1) - (stands == x[:, None]).long().argmax(1)
        assert int(gap.min()) > 0
        for g in gap.unique().tolist():
            here = answer[gap == g]
            assert binomtest(int(here.sum()), len(here)).pvalue > 1e-6 / task.names
    else:
        from_x, to_y = (graph > 0) & ((graph - 1) // n == x[:, None]), (graph > 0) & ((graph - 1) % n == y[:, None])
        assert from_x.any(1).all()
        assert to_y.any(1).all()
    lengths_seen = made.strata[:, -1]
    assert torch.equal(lengths_seen > 0, answer == 1)
    assert int(lengths_seen.max()) >= {"chains": 8, "trees": 4, "random": 3}[family]


def test_paths_are_the_shortest():
    import networkx

    task = Reachability("random", "edges", names=10)
    made = task.sample(20, task.longest, seed=2)
    for row, strata in zip(made.tokens.tolist(), made.strata.tolist(), strict=True):
        edges = [divmod(token - 1, 10) for token in row if 0 < token < task.first_question]
        graph = networkx.DiGraph(edges)
        assert networkx.is_directed_acyclic_graph(graph)
        for token, length in zip(row, strata, strict=True):
            if token >= task.first_question and length:
                assert networkx.shortest_path_length(graph, *divmod(token - task.first_question, 10)) == length


def test_topological_order_is_one():
    task = Reachability("random", "nodes", names=12)
    for row in task.sample(20, task.longest, seed=2).tokens.tolist():
        seen = set()
        for token in row:
            if token < task.first_question:
                y, parents = divmod(token - 1, task.parent_sets)
                assert seen.issuperset(p for p in task.parents(parents) if p < 12)
                seen.add(y)


def test_words_and_swaps_spell_the_same_products():
    for group in ("S_3", "S_5", "A_5", "Z_60"):
        elements, swaps = WordProblem(group), WordProblem(group, "swaps")
        a, b = elements.sample(20, 9, 7), swaps.sample(20, 9 * swaps.block + 1, 7)
        assert torch.equal(a.targets, b.targets[:, swaps.block - 1 :: swaps.block][:, :9])
    assert WordProblem("S_5", "swaps").block == 4
    assert WordProblem("Z_60", "swaps").block == 9
    assert len({WordProblem(g).classes for g in ("A_5", "Z_60")}) == 1


def test_copies_are_copies_of_every_distance():
    task = Copying(3, 5, 7)
    made = task.sample(200, 20, 0)
    assert set(made.strata[:, -2].tolist()) == {3, 4, 5}
    for row, back in zip(made.tokens.tolist(), made.strata[:, -2].tolist(), strict=True):
        assert all(row[t] == row[t - back] for t in range(back, 20))


def test_a_passkey_lies_where_its_depth_says():
    for depth, place in ((0, 0), (50, 20), (100, 40)):
        task = Passkey(3, depth=depth)
        row = task.sample(1, 47, 0).tokens[0].tolist()
        assert row.index(10) == place
        assert row.index(11) == 44


def test_text_tells_what_it_is():
    a, b = (Text(split).configuration() for split in ("train", "held-out"))
    assert len(a["text"]) == 16
    assert a["text"] != b["text"]
    assert 0 < Text().guess < Fraction(1, 2)


def test_configurations_differ_and_are_json():
    told = [json.dumps(task.configuration(), sort_keys=True) for task in CASES.values()]
    assert len(set(told)) == len(told)


def test_every_difficulty_names_a_source_or_is_plain():
    for task in TASKS.values():
        assert task.difficulty.name in ("AC0", "none") or task.difficulty.source.status == "recalled"
    assert named("s5-swaps").difficulty.name == named("swaps-5").difficulty.name == "NC1-complete"
    assert named("z60-elements").difficulty.name == named("swaps-4").difficulty.name == "ACC0, within TC0"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: named("swap-5"), "unknown task 'swap-5'; did you mean 'swaps-5'"),
        (lambda: named("recall").sample(0, 12), "Recall: batch = 0; give a positive integer"),
        (lambda: named("recall").sample(1, 195), "Recall: length = 195; give 3 to 194, counted in tokens"),
        (lambda: named("swaps-5").sample(1, 6), "SwapTracking: length = 6; give 7 or more, counted in tokens"),
        (lambda: SwapTracking(1), "SwapTracking: n = 1; a swap needs 2 slots"),
        (lambda: WordProblem("S_4"), "WordProblem: group = 'S_4'; give one of 'S_3', 'S_5', 'A_5', 'Z_60'"),
        (lambda: Counting(1), "Counting: modulus = 1"),
        (lambda: Copying(5, 4), "Copying: low = 5, high = 4"),
        (lambda: Passkey(depth=101), "Passkey: depth = 101; give whole percents, 0 to 100"),
        (lambda: Reachability(names=5), "Reachability: names = 5; give 6"),
        (lambda: Recall(values=1), "Recall: values = 1"),
    ],
)
def test_the_door(make, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        make()


@pytest.mark.gpu
@ALL
def test_on_a_gpu(name):
    task = CASES[name]
    made = task.sample(12, lengths(task)[1], seed=1, device="cuda")
    again = task.sample(12, lengths(task)[1], seed=1, device="cuda")
    assert made.tokens.device.type == "cuda"
    assert torch.equal(made.tokens, again.tokens)
    for row, targets in zip(made.tokens.tolist(), made.targets.tolist(), strict=True):
        assert task.oracle(row) == targets
