"""Models: equal parameters, causality, positions, stacked rows as good as single models, the construction as weights."""

from copy import deepcopy

import pytest
import torch
from torch.func import grad_and_value

from empirics.tasks import Reachability, SwapTracking, named
from empirics.training.evaluation import evaluate
from empirics.training.flat import Shell, computing
from empirics.training.hand_built import reachability, swap_tracker
from empirics.training.models import MODELS, Architecture, build
from empirics.training.sizing import parameters, sized

EACH = pytest.mark.parametrize("kind", MODELS)
TASK = named("swaps-3")
V, C = TASK.vocabulary, TASK.classes


@EACH
def test_parameters_are_solved_for(kind):
    budget = 6000
    a = sized(kind, budget, V, C, layers=2, longest=32)
    spent = parameters(a, V, C)
    assert spent == sum(p.numel() for p in build(a, V, C).parameters())
    unit = a.width if MODELS[kind].whole else 1
    wider = Architecture(kind, a.width, a.heads, a.layers, a.hidden + unit, a.longest)
    assert spent <= budget < parameters(wider, V, C)


@EACH
def test_a_model_looks_at_no_later_token(kind):
    model = build(Architecture(kind, 16, 2, 2, 32, 24), V, C, seed=1)
    tokens = TASK.sample(3, 24).tokens
    later = tokens.clone()
    later[:, 12:] = tokens[:, 12:].roll(1, 0)
    with torch.no_grad():
        assert torch.equal(model(tokens)[:, :12], model(later)[:, :12])


@pytest.mark.parametrize("kind", [kind for kind in MODELS if MODELS[kind].stacked])
def test_rows_are_the_models_one_by_one(kind):
    """In float64, whose rounding is 2^29 times finer, rows differ from single models by less than float32 does from float64."""
    models = [build(Architecture(kind, 8, 2, 2, 16, 24), V, C, seed) for seed in range(3)]
    tokens = torch.stack([TASK.sample(2, 20, seed).tokens for seed in range(3)])
    shell = Shell(build(models[0].architecture, V, C).double(), stacked=True)
    rows = torch.stack([shell.flatten(model).double() for model in models])

    def loss(vector, x):
        return torch.nn.functional.cross_entropy(shell.values(vector, x).flatten(0, 1), x.flatten() % C)

    with computing("float32", "cpu"):
        found, losses = torch.vmap(grad_and_value(loss))(rows, tokens)
    for model, x, gradient, value in zip(models, tokens, found, losses, strict=True):
        single = []
        for m in (model, deepcopy(model).double()):
            m.zero_grad()
            one = torch.nn.functional.cross_entropy(m(x).flatten(0, 1), x.flatten() % C)
            one.backward()
            gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in m.parameters()]
            single.append((one.detach().double(), torch.cat([g.double().flatten() for g in gradients])))
        (short, short_gradient), (exact, exact_gradient) = single
        assert (value - exact).abs() <= (short - exact).abs().clamp(min=2**-29)
        assert (gradient - exact_gradient).norm() < (short_gradient - exact_gradient).norm()


def test_a_seed_is_one_beginning():
    a, b, c = (build(Architecture("gru", 8, 1), 5, 3, seed) for seed in (1, 1, 2))
    assert all(torch.equal(x, y) for x, y in zip(a.parameters(), b.parameters(), strict=True))
    assert not torch.equal(a.out.weight, c.out.weight)


def test_weights_go_into_a_vector_and_back():
    model = build(Architecture("transformer-nope", 8, 1), 5, 3, 1)
    shell = Shell(build(model.architecture, 5, 3, 2), stacked=True)
    loaded = shell.load(shell.flatten(model))
    assert all(torch.equal(x, y) for x, y in zip(loaded.parameters(), model.parameters(), strict=True))
    with pytest.raises(ValueError, match="the model's parameters"):
        shell.flatten(build(Architecture("gru", 8, 1), 5, 3))


GRAPHS = {
    f"{family}-{tokens}": Reachability(family, tokens, names)
    for family, names in (("chains", 16), ("trees", 12), ("random", 16))
    for tokens in ("edges", "nodes")
}
BUILT = {
    **{f"swaps-{n}": (SwapTracking(n), swap_tracker, 100) for n in (2, 3, 5)},
    **{name: (task, reachability, task.longest) for name, task in GRAPHS.items()},
}


@pytest.mark.parametrize("name", BUILT)
def test_a_construction_is_never_wrong(name):
    task, make, length = BUILT[name]
    for some in (task.shortest, length):
        counts = evaluate(make(task), task, some, 64)
        assert counts.right == counts.of
        assert counts.whole == counts.sequences == 64


def test_swaps_with_a_shut_gate_are_wrong():
    """With beta = 1 a swap erases and does not write: what the slots held is lost."""
    task = SwapTracking(3)
    model = swap_tracker(task)
    with torch.no_grad():
        model.blocks[0].mixer.beta_gate.weight.zero_()
    counts = evaluate(model, task, 40, 32)
    assert counts.whole < counts.sequences


@pytest.mark.parametrize("name", GRAPHS)
def test_reachability_without_writes_sees_single_edges_only(name):
    """A path counts as long as its shortest, so one edge is seen, and two are not."""
    task = GRAPHS[name]
    model = reachability(task)
    with torch.no_grad():
        model.blocks[0].mixer.writer.weight.zero_()
    strata = evaluate(model, task, task.longest, 64).strata
    seen = 1 if task.tokens == "edges" else 0  # a node's own token holds no parent but through what it reads
    for edges, (right, of) in strata.items():
        assert right == (of if edges in (0, seen) else 0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: reachability(Reachability(order="shuffled")), "order = 'shuffled'; one layer reads a graph in"),
        (lambda: reachability(Reachability("random", names=21)), "names = 21 of random graphs; give at most 20"),
        (lambda: Architecture("transformer"), "unknown model 'transformer'; did you mean 'transformer-"),
        (lambda: Architecture("gru", 10, 2), "width 10 is no multiple of 4"),
        (lambda: Architecture("gru", hidden=-1), "hidden = -1; give a non-negative integer"),
        (lambda: Architecture("pointer", 8, 2, 1, 12), "hidden 12 of pointer is no multiple of the width 8"),
        (lambda: sized("gru", 10, 5, 3), "sized: budget = 10; the least gru here has"),
        (
            lambda: build(Architecture("transformer-learned", longest=4), 5, 3)(torch.zeros(1, 5, dtype=torch.long)),
            "5 tokens, and a table of 4 positions",
        ),
    ],
)
def test_the_door(make, words):
    with pytest.raises(ValueError, match=words):
        make()
