"""The Pointer layer: against Python integers, its forms against each other, decoding against the whole, gradients, formats."""

import itertools

import pytest
import torch
from layer_oracles import U, softmax_bound
from pointer_oracle import block

from constructions.layers.pointer import (
    AllPositions,
    Buckets,
    Listed,
    PointerBlock,
    PointerModel,
    PreviousPointers,
    Strides,
    Window,
    powers_of_two,
    shifted_loss,
)
from constructions.layers.pointer.hierarchical import combined
from constructions.layers.pointer.selection import TRAININGS

LISTS = tuple((i, max(i - 3, 0)) for i in range(9))
RULES = {
    "all": (AllPositions(), ("all", True)),
    "all both ways": (AllPositions(causal=False), ("all", False)),
    "window 1": (Window(1), ("window", 1, True)),
    "window 3": (Window(3), ("window", 3, True)),
    "window longer": (Window(20), ("window", 20, True)),
    "window around": (Window(4, causal=False), ("window", 4, False)),
    "strides": (Strides(powers_of_two(3)), ("strides", (1, 2, 4), True)),
    "strides both ways": (Strides((3, 1), causal=False), ("strides", (3, 1), False)),
    "buckets": (Buckets(2, 1), ("buckets", 2, 1, True)),
    "buckets of two bits": (Buckets(3, 2), ("buckets", 3, 2, True)),
    "more than the bucket": (Buckets(20, 1), ("buckets", 20, 1, True)),
    "buckets around": (Buckets(3, 1, causal=False), ("buckets", 3, 1, False)),
    "itself": (PreviousPointers(1), ("previous", 1)),
    "previous 3": (PreviousPointers(3), ("previous", 3)),
    "previous 5": (PreviousPointers(5), ("previous", 5)),
    "listed": (Listed(LISTS), ("listed", LISTS)),
}
CAUSAL = {name: rules for name, rules in RULES.items() if rules[0].causal}
OPTIONS = {
    "plain": {},
    "last": {"ties": "last"},
    "sum": {"combine": "sum", "encode": "none"},
    "additive": {"score": "additive"},
    "gate alone": {"gate": "linear", "residual": False, "expansion": 0},
    "two rounds": {"rounds": 2},
    "a round, summed": {"rounds": 1, "combine": "sum"},
}
WHOLE = {"encode": "offset", "reach": 2, "gate": "none", "norm": "none", "expansion": 2, "activation": "relu"}


def integral(layer, seed):
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(torch.randint(-1, 2, p.shape, generator=draw))
    return layer


def two_layers(rule, options, dtype=torch.float64):
    how = {**WHOLE, **options, "heads": 2, "dtype": dtype}
    if isinstance(rule, Buckets) and rule.bits > 1 and how.get("score") == "additive":
        pytest.skip("a key of one coordinate has one sign")
    return [integral(PointerBlock(4, rule, **how), seed) for seed in (1, 2)]


def tokens(n=9, batch=3):
    return torch.randint(-2, 3, (batch, n, 4), generator=torch.Generator().manual_seed(3)).double()


def followed(layers, x):
    pointers, every = None, []
    for layer in layers:
        x, pointers = layer.point(x, pointers)
        every.append(pointers)
    return x, torch.stack(every)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
@pytest.mark.parametrize(("rule", "told"), RULES.values(), ids=RULES.keys())
def test_two_layers_are_what_loops_make_of_them(rule, told, options):
    layers, x = two_layers(rule, options), tokens()
    found, pointers = followed(layers, x)
    for b, rows in enumerate(x.tolist()):
        rows, last = [[int(v) for v in row] for row in rows], [list(range(9))] * 2
        for number, layer in enumerate(layers):
            rows, last = block(layer, told, rows, last)
            assert pointers[number, b].tolist() == last
        assert found[b].tolist() == rows


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
@pytest.mark.parametrize("rule", [rule for rule, _ in CAUSAL.values()], ids=CAUSAL.keys())
def test_decoding_is_the_whole(rule, options):
    layers, x = two_layers(rule, options), tokens()
    whole, pointers = followed(layers, x)
    states = [layer.init_state(len(x)) for layer in layers]
    for t in range(x.shape[1]):
        h, before = x[:, t], None
        for number, layer in enumerate(layers):
            (h, before), states[number] = layer.step_point(h, states[number], before)
            assert torch.equal(before, pointers[number, ..., t])
        assert torch.equal(h, whole[:, t])


@pytest.mark.parametrize(
    ("rule", "kept"), [(Window(3), 2), (Window(1), 0), (Strides((1, 4)), 4), (AllPositions(), 9), (Buckets(2, 1), 9)]
)
def test_what_is_kept_of_the_tokens(rule, kept):
    layer = two_layers(rule, {})[0]
    state = layer.init_state(3)
    for t in range(9):
        _, state = layer.step(tokens()[:, t], state)
        assert state.keys.shape[-2] == state.rows.shape[-2] == min(t + 1, kept)
    assert state.previous.numel() == 0
    assert int(state.time) == 9


def test_a_state_can_be_continued_in_two_ways():
    layer, x = two_layers(PreviousPointers(4), {"rounds": 2})[0], tokens()
    _, state = layer.step(x[:, 0], layer.init_state(3))
    once, _ = layer.step(x[:, 1], state)
    layer.step(x[:, 2], state)
    again, _ = layer.step(x[:, 1], state)
    assert torch.equal(once, again)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize("score", ["pairwise", "scaled", "additive"])
def test_forms_agree(score, ties, causal):
    """Small integers tie often; scaled scores are rounded alike, each by one factor of the query."""
    x = tokens(17)
    layers = {}
    forms = [("written-out", 64), *(("tiled", tile) for tile in (1, 2, 5, 16, 17, 40))]
    forms += [("running", 64)] if score == "additive" else []
    for form, tile in forms:
        how = {**WHOLE, "heads": 2, "score": score, "ties": ties, "form": form, "tile": tile, "dtype": torch.float64}
        layers[form, tile] = integral(PointerBlock(4, AllPositions(causal), **how), 1)
    wanted = layers["written-out", 64].point(x)
    for layer in layers.values():
        assert all(map(torch.equal, layer.point(x), wanted))


def test_forms_look_at_no_token_where_there_is_none():
    for form in ("written-out", "tiled", "running"):
        y, pointers = PointerBlock(4, heads=2, score="additive", form=form).point(torch.zeros(3, 0, 4))
        assert y.shape == (3, 0, 4)
        assert pointers.shape == (3, 2, 0)


@pytest.mark.parametrize("rule", [AllPositions(), Window(3), PreviousPointers(4), Buckets(3, 1)], ids=str)
def test_straight_through_is_hard_forward_and_soft_backward(rule):
    x = tokens().requires_grad_()
    layers = {t: two_layers(rule, {"training": t, "expansion": 0})[0] for t in TRAININGS}
    assert torch.equal(layers["straight-through"](x), layers["hard"](x))
    # With no residual and no gate the output is the rows read, and the loss linear, so both score gradients are the same.
    layers = {
        t: integral(
            PointerBlock(4, rule, training=t, residual=False, **{**WHOLE, "expansion": 0}, dtype=torch.float64), 1
        )
        for t in TRAININGS
    }
    slopes = {}
    for training, layer in layers.items():
        (layer(x) * torch.arange(4.0, dtype=torch.float64)).sum().backward()
        slopes[training] = layer.query.weight.grad
    assert slopes["hard"] is None
    assert slopes["soft"].abs().sum() > 0
    assert torch.equal(slopes["soft"], slopes["straight-through"])


def test_soft_reads_are_softmax_attention():
    """Without encoding, gate, norm and FFN the layer is x + attention(x) of one head, temperature sqrt d."""
    how = {"encode": "none", "gate": "none", "norm": "none", "expansion": 0, "dtype": torch.float64}
    layer = integral(PointerBlock(4, training="soft", temperature=2.0, **how), 1)
    x = tokens(7, 1)
    with torch.no_grad():
        found, q, k = layer(x)[0], layer.query(x)[0], layer.key(x)[0]
    wanted = x[0] + torch.nn.functional.scaled_dot_product_attention(q, k, x[0], is_causal=True)
    bound = softmax_bound(q, k, x[0], lambda t, _: range(t + 1))
    # two computed forms, each with a sum of its own; the bound is itself computed
    assert ((found - wanted).abs() <= 2 * (1 + 100 * U) * (bound + 2 * U * (x[0].abs() + bound + 3))).all()


@pytest.mark.parametrize("training", ["straight-through", "soft"])
def test_gradients_of_the_soft_layer(training):
    torch.manual_seed(0)
    layer = PointerBlock(4, Window(3), heads=2, training="soft", dtype=torch.float64)
    x = torch.randn(1, 5, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (x,))
    model = PointerModel(11, 4, 2, Window(3), heads=2, training=training)
    loss = shifted_loss(model(torch.arange(10).reshape(2, 5)), torch.arange(10).reshape(2, 5))
    loss.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("training", TRAININGS)
def test_a_model_learns_in_every_training(training):
    """Two tokens alternate: even a layer whose pointers do not learn lowers the loss below the half of its start."""
    torch.manual_seed(0)
    model = PointerModel(2, 8, 2, Window(4), heads=2, training=training, expansion=2)
    ids = torch.arange(12).remainder(2).repeat(4, 1)
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = shifted_loss(model(ids), ids)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


def test_the_model_hands_pointers_on_and_decodes():
    model = PointerModel(60, 8, 3, PreviousPointers(4), heads=2, dtype=torch.float64, tied=True)
    ids = torch.stack([torch.randperm(60, generator=torch.Generator().manual_seed(s))[:9] for s in (1, 2)])
    logits, pointers = model.follow(ids)
    assert pointers.shape == (3, 2, 2, 9)
    assert torch.equal(logits, model(ids))
    h, before = model.embedding(ids), None
    for block_, found in zip(model.blocks, pointers, strict=True):
        h, before = block_.point(h, before)
        assert torch.equal(before, found)
    state = model.init_state(2)
    for t in range(9):
        row, state = model.step(ids[:, t], state)
        assert row.shape == (2, 60)
        assert (row.argmax(-1) == logits[:, t].argmax(-1)).all()
    assert model.out.weight is model.embedding.weight


def test_the_loss_is_shifted():
    """Logits that are sure of the token itself are wrong about the next one, and those sure of the next are right."""
    ids = torch.tensor([[0, 1, 2, 0]])
    sure = 100.0 * torch.nn.functional.one_hot(ids, 3).float()
    assert float(shifted_loss(sure, ids)) == 100
    assert float(shifted_loss(sure.roll(-1, 1), ids)) == 0


def test_uniform_tokens_cost_their_entropy():
    """Zero logits: log of the vocabulary, in one rounding of exp and log each."""
    ids = torch.arange(8).reshape(2, 4)
    loss = shifted_loss(torch.zeros(2, 4, 16, dtype=torch.float64), ids)
    assert abs(float(loss) - torch.tensor(16.0, dtype=torch.float64).log()) <= 8 * 4 * U


@pytest.mark.parametrize(("rounds", "window"), list(itertools.product((0, 1, 3), (1, 2))))
def test_hops_put_together_lead_two_to_the_rounds_back(rounds, window):
    pointers = (torch.arange(20) - window).clamp(min=0)
    assert combined(pointers, rounds).tolist() == [max(i - window * 2**rounds, 0) for i in range(20)]


@pytest.mark.parametrize("rule", [rule for rule, _ in RULES.values()], ids=RULES.keys())
def test_meta_tensors_suffice(rule):
    for training in TRAININGS:
        layer = PointerBlock(4, rule, heads=2, training=training, rounds=1, device="meta")
        y, pointers = layer.point(torch.zeros(2, 9, 4, device="meta"))
        assert (y.shape, pointers.shape, pointers.dtype) == ((2, 9, 4), (2, 2, 9), torch.long)


def test_no_table_of_all_pairs_in_tiles():
    """The largest tensor of the tiled form is N times the tile, or the FFN's."""

    class Largest(torch.utils._python_dispatch.TorchDispatchMode):
        most = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            out = function(*args, **(kwargs or {}))
            for x in out if isinstance(out, tuple) else (out,):
                self.most = max(self.most, x.numel() if isinstance(x, torch.Tensor) else 0)
            return out

    sizes = {}
    for form, score in (("tiled", "pairwise"), ("running", "additive"), ("written-out", "pairwise")):
        layer = PointerBlock(2, form=form, score=score, tile=4, device="meta")
        with Largest() as seen, torch.no_grad():
            layer(torch.zeros(1, 1000, 2, device="meta"))
        sizes[form] = seen.most
    assert sizes == {"tiled": 1000 * 8, "running": 1000 * 8, "written-out": 1000**2}


NARROW = {"encode": "none", "gate": "none", "norm": "none", "expansion": 0, "heads": 2}


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
@pytest.mark.parametrize("rule", [rule for rule, _ in RULES.values()], ids=RULES.keys())
def test_small_integers_are_exact_on_an_accelerator(rule, dtype):
    """Scores of at most 2 * 8 * 8 = 128 and rows of at most 4 are integers that every format holds, in any order of summation."""
    for training in ("hard", "straight-through"):
        x = tokens()
        exact = integral(PointerBlock(4, rule, training=training, **NARROW, dtype=torch.float64), 1)
        layer = integral(PointerBlock(4, rule, training=training, **NARROW, dtype=dtype, device="cuda"), 1)
        y, pointers = layer.point(x.to("cuda", dtype))
        wanted, targets = exact.point(x)
        assert torch.equal(pointers.cpu(), targets)
        assert torch.equal(y.double().cpu(), wanted)
