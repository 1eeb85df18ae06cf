"""The loop: Adam by rows, seeds apart, stopping, divergence, precisions, counts, statistics, doors."""

import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.stats import binom, binomtest

from empirics.store import Store
from empirics.tasks import IGNORE, Copying, Counting, Passkey, named
from empirics.training import statistics
from empirics.training.adam import Moments, adam, clipped
from empirics.training.evaluation import evaluate, evaluate_rows
from empirics.training.fingerprint import SOURCES, code_fingerprint
from empirics.training.flat import Shell
from empirics.training.hand_built import constructed
from empirics.training.loop import seconds_a_step, train
from empirics.training.models import MODELS, Architecture, build
from empirics.training.plan import Plan, Stop
from empirics.training.run import Run, beginning

TINY = Architecture("transformer-learned", 8, 1, 1, 8, 16)
PLAN = Plan(Counting(2), TINY, steps=12, batch=4, lengths=(3, 6), every=4, watched=8, tests=(6, 12), tested=16)


def run_of(plan, seeds):
    return Run(plan, list(seeds), Shell(beginning(plan, seeds[0]), True), "cpu", None, 100)


def test_a_row_that_moves_takes_the_steps_of_torch():
    """Both round some twenty operations a step, on numbers no larger than the largest weight or a step of rate over one minus beta."""
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(3, 40, generator=generator, dtype=torch.float64)
    start, rate, decay, steps = weights.clone(), 0.01, 0.1, 25
    single = torch.nn.Parameter(weights[1].clone())
    optimiser = torch.optim.AdamW([single], lr=rate, weight_decay=decay)
    moments = Moments.zeros(weights)
    moving = torch.tensor([False, True, True])
    for _ in range(steps):
        gradients = torch.randn(3, 40, generator=generator, dtype=torch.float64)
        gradients[0] = math.nan
        single.grad = gradients[1].clone()
        optimiser.step()
        adam(weights, gradients, moments, rate, decay, moving)
    bound = 20 * steps * torch.finfo(torch.float64).eps * (start[1].abs().max() + rate * steps / (1 - 0.9))
    assert (weights[1] - single).abs().max() <= bound
    assert torch.equal(weights[0], start[0])
    assert moments.count.tolist() == [0, steps, steps]
    assert not moments.first[0].any()


def test_gradients_are_clipped_by_row():
    made, norms = clipped(torch.tensor([[3.0, 4.0], [0.3, 0.4]]), 1.0)
    assert norms.tolist() == pytest.approx([5, 0.5])
    assert torch.equal(made[1], torch.tensor([0.3, 0.4]))
    assert made[0].tolist() == pytest.approx([0.6, 0.8])


def test_a_seed_sees_the_same_whoever_trains_beside_it():
    pair, alone = run_of(PLAN, (5, 6)), run_of(PLAN, (6,))
    assert torch.equal(pair.weights[1], alone.weights[0])
    for step in range(5):
        a, b = pair.batch_of(step), alone.batch_of(step)
        assert all(torch.equal(x[1], y[0]) for x, y in zip(a, b, strict=True))
        assert not torch.equal(a.tokens[0], a.tokens[1])


def test_a_seed_repeats_and_another_does_not():
    one, same, other = (train(PLAN, seeds) for seeds in ((0, 1), (0, 1), (2,)))
    assert torch.equal(one.weights, same.weights)
    assert [e.values for e in one.entries] == [e.values for e in same.entries]
    assert not torch.equal(one.weights[0], one.weights[1])
    assert not torch.equal(one.weights[0], other.weights[0])


def test_a_result_says_what_made_it():
    entry = train(PLAN, [3]).entries[0]
    assert entry.key["seed"] == 3
    assert entry.key["plan"]["task"] == {"task": "Counting", "modulus": 2}
    assert entry.key["plan"]["architecture"]["kind"] == "transformer-learned"
    assert entry.key["code"] == code_fingerprint()
    assert entry.about["seconds"] > 0
    assert {"device", "threads", "torch", "python"} <= set(entry.about)
    assert entry.values["end"] == "budget"
    assert entry.values["steps"] == 12
    assert [step for step, _, _ in entry.values["curve"]] == [4, 8, 12]
    assert set(entry.values["tests"]) == {"6", "12"}
    json.dumps(entry.values, allow_nan=False)


def test_a_row_stops_by_the_rule_and_stands_still():
    rule = replace(PLAN, schedule="constant", stop=Stop(accuracy=1e-9, looks=2), steps=100)
    stopped, short = train(rule, [0, 1]), train(replace(rule, steps=8, stop=None), [0, 1])
    assert [e.values["end"] for e in stopped.entries] == ["rule", "rule"]
    assert [e.values["steps"] for e in stopped.entries] == [8, 8]
    assert torch.equal(stopped.weights, short.weights)
    run = run_of(rule, (0, 1))
    run.held["stopped"][0] = 0
    before = run.weights.clone()
    run.step(0)
    assert torch.equal(run.weights[0], before[0])
    assert not torch.equal(run.weights[1], before[1])


def test_a_row_that_diverges_is_recorded_and_touches_no_other():
    sick, sound = run_of(PLAN, (0, 1)), run_of(PLAN, (0, 1))
    sick.held["weights"][0, 3] = math.inf
    for run in (sick, sound):
        run.go(None)
    values = sick.values()
    assert (values[0]["end"], values[0]["diverged"], values[0]["steps"]) == ("diverged", 0, 0)
    assert values[0]["curve"][0][1] is None
    assert values[1] == sound.values()[1]
    assert torch.equal(sick.weights[1], sound.weights[1])
    assert sick.weights[0].isinf().sum() == 1
    json.dumps(values, allow_nan=False)


@pytest.mark.parametrize("precision", ["tf32", "bfloat16", "float16"])
def test_other_precisions_train(precision):
    before = torch.get_float32_matmul_precision()
    entry = train(replace(PLAN, precision=precision), [0]).entries[0]
    assert torch.get_float32_matmul_precision() == before
    assert entry.values["steps"] == 12
    assert all(math.isfinite(loss) for _, loss, _ in entry.values["curve"])


def test_a_gradient_that_overflows_in_float16_is_skipped_and_its_scale_halved():
    run = run_of(replace(PLAN, precision="float16"), (0, 1))
    run.held["scale"][0] = 2.0**120
    before = run.weights.clone()
    run.step(0)
    assert run.held["scale"].tolist() == [2.0**119, 2.0**12]
    assert run.held["count"].tolist() == [0, 1]
    assert torch.equal(run.weights[0], before[0])
    assert run.alive.all()


class Oracle(torch.nn.Module):
    """Knows every answer, but gives the next class wherever the input is the token `wrong`."""

    def __init__(self, task, wrong=None):
        super().__init__()
        self.task, self.wrong = task, wrong
        self.sharpness = torch.nn.Parameter(torch.tensor(30.0))

    def forward(self, tokens):
        known = torch.tensor([self.task.oracle(row) for row in tokens.tolist()]).clamp(min=0)
        if self.wrong is not None:
            known = (known + (tokens == self.wrong)) % self.task.classes
        return self.sharpness * torch.nn.functional.one_hot(known, self.task.classes)


def test_counts_are_the_oracles():
    task = Counting(3)
    counts = evaluate(Oracle(task), task, 20, 40)
    assert counts.right == counts.of == 40 * 19
    assert counts.whole == counts.sequences == 40
    assert counts.nats == pytest.approx(math.log1p(2 * math.exp(-30)), abs=torch.finfo(torch.float32).eps)
    assert sum(of for _, of in counts.strata.values()) == counts.of
    assert counts.strata[7] == (40, 40)
    wrong = evaluate(Oracle(task, wrong=1), task, 20, 40)
    tokens = task.sample(40, 20, torch.Generator().manual_seed(_test_seed(20))).tokens[:, 1:]
    assert wrong.right == int((tokens != 1).sum())
    assert wrong.whole == int((tokens != 1).all(1).sum())
    assert wrong.strata[7][0] == int((tokens[:, 6] != 1).sum())


def _test_seed(length):
    from empirics.tasks import generator_of
    from empirics.training.plan import TESTED

    return generator_of(TESTED, length).initial_seed()


def test_large_strata_are_binned_by_powers_of_two():
    task = Counting(2)
    strata = evaluate(Oracle(task), task, 300, 2).strata
    assert strata[63] == (2, 2)
    assert strata[64] == (2 * 64, 2 * 64)
    assert strata[128] == (2 * 128, 2 * 128)
    assert strata[256] == (2 * 44, 2 * 44)


def test_rows_in_a_narrow_format_are_computed_in_it():
    task = Counting(2)
    shell = Shell(build(TINY, task.vocabulary, 2), stacked=True)
    row = shell.flatten(build(TINY, task.vocabulary, 2, 7))[None]
    fine, coarse = (evaluate_rows(shell, x, task, 10, 32)[0] for x in (row, row.bfloat16()))
    assert fine.nats != coarse.nats
    assert abs(fine.nats - coarse.nats) < 1


def test_training_learns():
    """Copying from two tokens back, which a guesser does with 1/4: all of 64 sequences right have no chance by guessing."""
    task = Copying(2, 2, 4)
    plan = Plan(
        task,
        Architecture("transformer-learned", 16, 1, 1, 16, 10),
        100,
        16,
        (6, 10),
        every=50,
        rate=0.01,
        tests=(10,),
        tested=64,
    )
    trained = train(plan, range(2))
    for entry in trained.entries:
        counts = entry.values["tests"]["10"]
        assert binomtest(counts["whole"], 64, float(task.guess), alternative="greater").pvalue < 1e-9
        assert entry.values["curve"][-1][1] < entry.values["curve"][0][1]


def test_plans_lengths_and_rates():
    plan = replace(PLAN, lengths=(4, 12), growing=True, steps=200, warmup=10)
    drawn = [plan.length_at(step) for step in range(200)]
    assert min(drawn) == 4
    assert max(drawn) == 12
    assert max(drawn[:25]) <= 6
    rates = [plan.rate_at(step) for step in range(200)]
    assert rates.index(max(rates)) == 10
    assert max(rates) == plan.rate
    assert 0 < rates[-1] < plan.rate / 100


def test_progress_tells_the_time_left():
    told = []
    train(replace(PLAN, architecture=replace(TINY, kind="gru")), (0, 1), progress=lambda *news: told.append(news))
    assert [done for done, _, _ in told] == [4, 8, 12, 16, 20, 24]
    assert {total for _, total, _ in told} == {24}
    assert all("s left" in words and "gru" in words for _, _, words in told)


def test_a_step_takes_time():
    assert seconds_a_step(PLAN, [0, 1], steps=1) > 0
    assert seconds_a_step(replace(PLAN, architecture=replace(TINY, kind="gru")), [0, 1], steps=1) > 0


def test_intervals_are_over_seeds():
    entries = train(PLAN, range(4)).entries
    values = statistics.accuracies(entries, 12)
    assert len(values) == 4
    share = statistics.share([1.0, 1.0, 0.2, 1.0], 0.99)
    assert (share.count, share.of) == (3, 4)
    exact = binomtest(3, 4).proportion_ci(0.95, "exact")
    low, high = share.interval
    assert low <= Fraction(exact.low) < low + Fraction(1, 5000)
    assert high >= Fraction(exact.high) > high - Fraction(1, 5000)
    mean = statistics.mean(values)
    assert mean.low < mean.value < mean.high
    assert statistics.mean([0.5]).low == statistics.mean([0.5]).high == 0.5
    cut = statistics.mean_accuracy([1.0, 1.0, 1.0, 0.0])
    assert statistics.mean([1.0, 1.0, 1.0, 0.0]).high > cut.high == 1
    strata = statistics.stratum_accuracies(entries, 12)
    assert set(strata) == set(range(1, 12))
    assert all(len(each) == 4 for each in strata.values())
    with pytest.raises(ValueError, match="no test at length 7; there are tests at"):
        statistics.accuracies(entries, 7)
    with pytest.raises(ValueError, match="no seeds"):
        statistics.mean([])


@pytest.mark.parametrize("seeds", [4, 8])
def test_an_interval_of_few_seeds_holds_the_mean_as_often_as_it_says(seeds):
    """Of normal values. With percentiles alone it is four fifths and seven eighths of the time; at 0.93 so few would be one in 10^6."""
    draws = np.random.default_rng(0).standard_normal((1500, seeds))
    found = [statistics.mean(list(row), resamples=400) for row in draws]
    assert sum(x.low <= 0 <= x.high for x in found) >= binom.ppf(1e-6, len(draws), 0.93)


def test_other_tasks_are_tested_too():
    plan = replace(PLAN, task=Passkey(1, 4), lengths=(3, 8), tests=(8,), also=(Passkey(1, 4, 0), Passkey(1, 4, 100)))
    entries = train(plan, [0, 1]).entries
    first, last = (statistics.stratum_accuracies(entries, 8, also) for also in (0, 1))
    assert set(first) == {6}
    assert set(last) == {1}
    assert [task["depth"] for task in entries[0].key["plan"]["also"]] == [0, 100]
    assert all(0 < value < 10 for value in statistics.nats(entries, 8, 1))


def test_training_begins_at_the_construction_and_its_noise():
    task = named("swaps-3")
    plan = Plan(task, constructed(task).architecture, 2, 4, (8, 8), rate=1e-9, tests=(40,), tested=16, noise=0.0)
    still, near, far = (train(replace(plan, noise=noise), [0, 1]) for noise in (0.0, 1e-3, 1.0))
    assert statistics.accuracies(still.entries, 40) == statistics.accuracies(near.entries, 40) == [1, 1]
    assert max(statistics.accuracies(far.entries, 40)) < 1
    assert not torch.equal(near.weights[0], near.weights[1])
    assert (near.weights - still.weights).norm() < (far.weights - still.weights).norm()


def test_the_fingerprint_names_sources_that_exist():
    from pathlib import Path

    root = Path(__file__).parents[3]
    assert all((root / source).exists() for source in SOURCES)
    assert len(code_fingerprint()) == 16


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: train(PLAN, []), r"train: seeds = \[\]; give at least one"),
        (lambda: train(PLAN, [1, 1]), r"train: seeds = \[1, 1\]; give at least one, each once"),
        (lambda: replace(PLAN, lengths=(6, 3)), r"Plan: lengths = \(6, 3\)"),
        (lambda: replace(PLAN, lengths=(1, 3)), "Counting: length = 1; give 2"),
        (lambda: replace(PLAN, tests=(1,)), "Counting: length = 1; give 2"),
        (lambda: replace(PLAN, rate=0), "Plan: rate = 0; give a positive number"),
        (lambda: replace(PLAN, decay=-1), "Plan: decay = -1"),
        (lambda: replace(PLAN, schedule="step"), "Plan: schedule = 'step'; give one of 'constant', 'cosine'"),
        (lambda: replace(PLAN, precision="fp8"), "Plan: precision = 'fp8'; give one of 'float32'"),
        (lambda: replace(PLAN, stop=Stop(2.0)), "Plan: stop = "),
        (
            lambda: replace(PLAN, also=(Counting(3),)),
            r"Plan: also = Counting\(modulus=3\); give tasks of 4 tokens and 2 classes",
        ),
        (lambda: replace(PLAN, noise=0.1), "constructed: no weights are written for Counting"),
        (lambda: replace(PLAN, noise=-1), "Plan: noise = -1"),
        (
            lambda: replace(PLAN, task=named("swaps-3"), lengths=(5, 9), noise=0),
            "noise is added to the construction, which is",
        ),
    ],
)
def test_the_door(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.gpu
@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16", "float16"])
def test_on_a_gpu(kind, precision):
    architecture = Architecture(kind, 16, 2, 1, 16, 16)
    plan = replace(
        PLAN, task=named("swaps-3"), architecture=architecture, lengths=(8, 16), tests=(16,), precision=precision
    )
    store = Store()
    trained = train(plan, (0, 1), device="cuda", store=store)
    assert trained.weights.device.type == "cuda"
    for entry in trained.entries:
        assert entry.values["end"] == "budget"
        assert all(math.isfinite(loss) for _, loss, _ in entry.values["curve"])
        assert entry.key["device"] == "cuda"
    targets = plan.task.sample(4, 16, 0, "cuda").targets
    assert bool((targets != IGNORE).any())
