"""Infini-attention over rationals against a token-by-token reference; the layer against the same in 60 digits; cuts, causality."""

import inspect
import itertools
import math
from fractions import Fraction

import infini_oracle
import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_oracles import U, gamma

from constructions.layers.infini_attention import (
    ELU_PLUS_ONE,
    IDENTITY,
    RATIONAL,
    RULES,
    Access,
    InfiniAttention,
    Memory,
    advance,
    begin,
    close,
    retrieve,
    update,
)
from constructions.layers.infini_attention.streaming import InfiniState
from constructions.layers.kernels import LINEAR, Hardmax

UNIT_ROWS = [(Fraction(3, 5), Fraction(4, 5)), (Fraction(4, 5), Fraction(-3, 5)), (Fraction(1), Fraction(0))]


@st.composite
def streams(draw, unit=False):
    """(q, k, v) as lists of rows of fractions, flags and a segment."""
    tokens, d, m = draw(st.integers(1, 8)), 2 if unit else draw(st.integers(1, 3)), draw(st.integers(1, 2))
    number = st.builds(Fraction, st.integers(-6, 6), st.sampled_from([1, 2, 3]))

    def rows(width):
        row = st.sampled_from(UNIT_ROWS) if unit and width == d else st.tuples(*[number] * width)
        return draw(st.lists(row, min_size=tokens, max_size=tokens))

    flags = st.lists(st.booleans(), min_size=tokens, max_size=tokens)
    q, k = rows(d), rows(d)
    v = draw(st.lists(st.tuples(*[number] * m), min_size=tokens, max_size=tokens))
    return (q, k, v), draw(flags), draw(flags), draw(st.integers(1, tokens + 1)), draw(st.lists(st.integers(0, tokens)))


def objects(rows):
    made = np.empty((len(rows), len(rows[0])), dtype=object)
    for at in np.ndindex(*made.shape):
        made[at] = Fraction(rows[at[0]][at[1]])
    return made


GATE = Fraction(1, 3)
FLAGS = torch.arange(22).reshape(2, 11) % 3 == 1


def ours(lists, cuts, segment, access, *, valid=None, known=None, start="local", constant=0):
    q, k, v = (objects(rows) for rows in lists)
    state = begin(access.empty((), k.shape[1], v.shape[1], k, constant), k)
    made = []
    for a, b in itertools.pairwise(cuts):
        flags = {
            n: None if x is None else np.array(x[a:b], dtype=bool) for n, x in (("valid", valid), ("known", known))
        }
        rows, state = advance(
            state,
            q[a:b],
            k[a:b],
            v[a:b],
            objects([[GATE]]),
            access=access,
            segment=segment,
            start=start,
            kernel=LINEAR,
            **flags,
        )
        made += rows.tolist()
    return made, state


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=12)
@given(data=st.data())
def test_exactly_the_reference_however_the_stream_is_cut(rule, data):
    unit = rule == "delta-unit"
    lists, known, valid, segment, cuts = data.draw(streams(unit))
    features = IDENTITY if unit else RATIONAL
    known = known if rule == "delta-frozen" else None
    valid = data.draw(st.sampled_from([None, valid]))
    how = {
        "start": data.draw(st.sampled_from(["local", "gated"])),
        "constant": data.draw(st.sampled_from([0, Fraction(2, 7)])),
    }
    tokens = len(lists[0])
    expected = infini_oracle.attention(
        *lists,
        GATE,
        segment,
        rule,
        phi=(lambda row: row) if unit else lambda row: [infini_oracle.rational_feature(x) for x in row],
        weight=lambda query, keys: [infini_oracle.dot(query, key) for key in keys],
        valid=valid,
        known=known,
        **how,
    )
    access = Access(rule, features=features)
    flags = {"valid": valid, "known": known}
    seen = range(tokens) if valid is None else [t for t in range(tokens) if valid[t]]
    states = []
    for where in ([0, tokens], [0, *sorted(cuts), tokens], range(tokens + 1)):
        found, state = ours(lists, where, segment, access, **flags, **how)
        assert [found[t] for t in seen] == [expected[t] for t in seen]
        states.append(state)
    for parts in zip(*states, strict=True):
        if parts[0] is not None:
            assert all(x.shape == parts[0].shape and (x == parts[0]).all() for x in parts)


def test_a_memory_to_start_from_is_the_one_that_a_past_leaves():
    rng = np.random.default_rng(0)
    q, k, v = ([[Fraction(int(x), 5) for x in row] for row in rng.integers(-9, 9, (8, 2))] for _ in range(3))
    for rule in RULES[:2]:
        access = Access(rule, features=RATIONAL)
        _, past = ours([x[:4] for x in (q, k, v)], [0, 4], 2, access)
        past = close(past, access)
        expected, _ = ours((q, k, v), [0, 8], 2, access)
        rest = [objects(x[4:]) for x in (q, k, v)]
        state = begin(Memory(past.matrix, past.normaliser), rest[1])
        found, _ = advance(state, *rest, objects([[GATE]]), access=access, segment=2, start="gated", kernel=LINEAR)
        assert found.tolist() == expected[4:]


def test_a_rational_kernel_that_is_normalised():
    """A_dot by the limit of softmax: the value of the most similar key."""
    k = objects([[1, 0], [0, 1], [1, 1]])
    access = Access(features=RATIONAL)
    found, _ = advance(
        begin(access.empty((), 2, 2, k), k), k, k, k, objects([[GATE]]), access=access, segment=3, kernel=Hardmax()
    )
    assert found.tolist() == [[1, 0], [0, 1], [1, 1]]


def layer(rule="linear", width=8, heads=2, segment=3, seed=0, **options):
    torch.manual_seed(seed)
    made = InfiniAttention(width, heads, segment=segment, rule=rule, **options).double()
    torch.nn.init.normal_(made.beta)
    return made


def tokens(*shape, seed=1, scale=1.0):
    return scale * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def reference(made, x, known=None, start="local", constant=0):
    """The layer in 60 digits from its own projections, taken as exact: (batch, T, heads * m) before the last map."""
    r, m = made.heads // made.groups, made.value_dim
    q, k, v = made.query(x), made.key(x), made.value(x)
    d = made.head_dim

    def numbers(rows):
        return [[mpmath.mpf(a) for a in row] for row in rows.tolist()]

    def phi(row):
        found = [1 + a if a > 0 else mpmath.exp(a) for a in row]
        length = mpmath.sqrt(sum(a * a for a in found)) if made.access.rule == "delta-unit" else 1
        return [a / length for a in found]

    def weight(query, keys):
        made_ = [mpmath.exp(sum(a * b for a, b in zip(query, key, strict=True)) / mpmath.sqrt(d)) for key in keys]
        return [a / sum(made_) for a in made_]

    out = torch.empty(*x.shape[:2], made.heads * m, dtype=torch.float64)
    with mpmath.workdps(60):
        for b, h in itertools.product(range(len(x)), range(made.heads)):
            g = h // r
            rows = infini_oracle.attention(
                numbers(q[b, :, h * d : (h + 1) * d]),
                numbers(k[b, :, g * d : (g + 1) * d]),
                numbers(v[b, :, g * m : (g + 1) * m]),
                1 / (1 + mpmath.exp(-mpmath.mpf(made.beta[h].item()))),
                made.segment,
                made.access.rule,
                phi=phi,
                weight=weight,
                known=known,
                start=start,
                constant=constant,
            )
            out[b, :, h * m : (h + 1) * m] = torch.tensor([[float(a) for a in row] for row in rows], dtype=out.dtype)
    return out


@torch.no_grad()
def bound(x, made, known=None):
    """The largest |computed - exact| of the outputs before the last map, from their projections taken as exact, for any rule.

    Recalled: with g = gamma(2 T + 4 d + 40), which covers the relative error of a feature, of a sum of positive terms over d channels
    or T tokens, of a quotient, and products of three of these, a read of M, known up to E, is off by (phi E + g phi |M|) / phi z,
    what is written by that and a rounding, and M by phi^T of it, the sum's g phi^T |w|, and g |M| for adding. Means: R = M / z with
    weights exp(log phi + l), whose exponents are off by 4 u (|log phi| + |l|) a segment: so much more g.
    Local: an exponent is off by at most gamma(d + 8) |q||k| / sqrt d twice and as much again for the scaling, a weight by its
    exponential, sums by 3 T + 8 more. Gate, its complement, both products and the sum: 8 roundings of numbers at most the largest.
    """

    def split(y, parts):
        return y.unflatten(-1, (parts, -1)).transpose(1, 2)

    q, k, v = split(made.query(x), made.heads), split(made.key(x), made.groups), split(made.value(x), made.groups)
    k, v = (y.repeat_interleave(made.heads // made.groups, 1) for y in (k, v))
    t, d = x.shape[1], made.head_dim
    g = gamma(2 * t + 4 * d + 40)
    begun = made.init_state(1)
    matrix, z = (y if y is None else y[:, :, 0].repeat_interleave(made.heads // made.groups, 1) for y in begun[:2])
    if made.access.kept == "means":
        logs = max(float(y.abs().max()) for y in (q, k))
        first = float(z.abs().max()) if z.isfinite().all() else 0
        g += 4 * t * U * (2 * logs + abs(math.log(t + float(k.relu().max()))) + first)
        z = z.exp()
        matrix = matrix * z[..., None]
    unit = made.access.rule == "delta-unit"
    feature = (lambda y: torch.nn.functional.normalize(ELU_PLUS_ONE(y), dim=-1)) if unit else ELU_PLUS_ONE
    error, worst = g * matrix.abs(), v.new_zeros(())

    def read(phi):
        below = 1 if unit else (phi @ z[..., None]).clamp(min=torch.finfo(z.dtype).tiny)
        return phi @ matrix / below, (phi @ error + g * (phi @ matrix.abs())) / below

    for first in range(0, t, made.segment):
        now = slice(first, first + made.segment)
        recalled, off = read(feature(q[..., now, :]))
        worst = torch.maximum(worst, (off + 8 * U * recalled.abs()).max())
        phi = feature(k[..., now, :])
        held, off = (0, 0) if made.access.rule == "linear" else read(phi)
        written = v[..., now, :] - held
        error = error + phi.mT @ (off + (g + U) * written.abs()) + g * matrix.abs()
        matrix = matrix + phi.mT @ written
        fresh = phi if known is None else phi * ~torch.tensor(known)[now, None]
        z = z if unit else z + fresh.sum(-2)
    size = float(q.abs().max() * k.abs().max()) * d**0.5
    local = float(v.abs().max()) * (8 * gamma(d + 16) * size + gamma(3 * t + 16))
    return (1 + 8 * g) * (float(worst) + local)


@torch.no_grad()
def mapped(most, x, made):
    """What the last map makes of an error of that size, and its own: sums of products with the values or what is recalled."""
    rows = made.out.weight.abs().sum(-1).max()
    return float(rows * (most + gamma(made.out.in_features + 4) * (largest(x, made) + most)))


@torch.no_grad()
def largest(x, made):
    """The largest number that is mapped, up to twice."""
    kept, made.out = made.out, torch.nn.Identity()
    found = made(x, known=None if made.access.rule != "delta-frozen" else FLAGS[: len(x), : x.shape[1]])
    made.out = kept
    return 2 * float(found.abs().max())


WAYS = [(rule, kept) for rule in RULES for kept in ("sums", "means") if (rule, kept) != ("delta-unit", "means")]


@pytest.mark.parametrize(("rule", "kept"), WAYS)
@pytest.mark.parametrize(("groups", "segment", "start"), [(2, 3, "local"), (1, 1, "gated"), (1, 4, 0.5)])
def test_the_layer_in_floats_within_a_derived_bound(rule, kept, groups, segment, start):
    start = "gated" if rule == "delta-unit" and start == 0.5 else start  # it has no z to begin with
    made = layer(rule, segment=segment, groups=groups, heads=2, value_dim=3, start=start, kept=kept)
    made.out = torch.nn.Identity()
    x = tokens(1, 9, 8)
    known = FLAGS[0, :9].tolist() if rule == "delta-frozen" else None
    told, constant = ("gated", start) if isinstance(start, float) else (start, 0.0)
    exact = reference(made, x, known, told, constant)
    found = made(x, known=None if known is None else torch.tensor([known]))
    assert (found - exact).abs().max() <= bound(x, made, known)


STARTS = ["local", "gated", 0.25, Memory(torch.rand(1, 4, 4), torch.rand(1, 4) + 0.5)]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("segment", "position"), [(1, "none"), (3, "rotary"), (64, "rotary")])
def test_one_call_pieces_and_single_tokens_agree(rule, segment, position):
    """Three ways to the same numbers, each within the bound of them."""
    x = tokens(1, 9, 8)
    for start, kept in zip(STARTS, ["sums", "means", "sums", "means"], strict=True):
        if rule == "delta-unit" and (kept == "means" or not isinstance(start, str)):
            continue
        made = layer(rule, segment=segment, groups=1, position=position, start=start, kept=kept)
        known = FLAGS[:1, :9] if rule == "delta-frozen" else None
        whole, state = made.resume(x, None, None, known)
        pieces, after = [], None
        for a, b in itertools.pairwise([0, 0, 4, 5, 9]):
            y, after = made.resume(x[:, a:b], after, None, None if known is None else known[:, a:b])
            pieces.append(y)
        single, each = made.init_state(1), []
        for t in range(9):
            y, single = made.step(x[:, t], single, None if known is None else known[:, t])
            each.append(y)
        most = 2 * mapped(bound(x, made, None if known is None else known[0].tolist()), x, made)
        for found in (torch.cat(pieces, 1), torch.stack(each, 1)):
            assert (found - whole).abs().max() <= most
        assert state.stored.tolist() == after.stored.tolist() == single.stored.tolist()
        assert state.keys.shape == after.keys.shape == single.keys.shape


def test_nothing_comes_from_later_tokens_and_all_from_earlier_ones():
    """The gradient of an output in the inputs is zero at every later token, and not at any earlier one."""
    for rule in ("linear", "delta", "delta-unit"):
        made = layer(rule, segment=3, gate="channel")
        x = tokens(1, 10, 8).requires_grad_()
        y = made(x)
        for t in range(10):
            (found,) = torch.autograd.grad(y[0, t].sum(), x, retain_graph=True)
            assert not found[0, t + 1 :].any()
            assert found[0, : t + 1].any(-1).all()


def test_update_before_retrieval_would_be_seen():
    """The edit that the order forbids: a memory that already holds the segment answers with later values."""
    k = objects([[1, 2], [3, 1]])
    v = objects([[5], [7]])
    memory = Access(features=IDENTITY).empty((), 2, 1, k)
    early = retrieve(update(memory, k, v), k)
    moved = retrieve(update(memory, k, objects([[5], [8]])), k)
    assert early[0, 0] != moved[0, 0]
    assert retrieve(memory, k).tolist() == [[0], [0]]


def test_heads_are_those_of_a_transpose():
    """Each head is a layer of its own: split by hand, run alone, put side by side."""
    made = layer(heads=4, groups=2, width=8)
    torch.nn.init.eye_(made.out.weight)
    x, found = tokens(2, 7, 8), []
    for h in range(4):
        alone = InfiniAttention(8, 1, segment=3, head_dim=2).double()
        group = h // 2
        with torch.no_grad():
            alone.query.weight.copy_(made.query.weight[2 * h : 2 * h + 2])
            alone.key.weight.copy_(made.key.weight[2 * group : 2 * group + 2])
            alone.value.weight.copy_(made.value.weight[2 * group : 2 * group + 2])
            alone.beta.copy_(made.beta[h : h + 1])
            alone.out = torch.nn.Linear(2, 2, bias=False, dtype=torch.float64)
            torch.nn.init.eye_(alone.out.weight)
        found.append(alone(x))
    assert (torch.cat(found, -1) - made(x)).abs().max() <= 2 * mapped(bound(x, made), x, made)


def test_padding_is_as_if_it_were_not_stored_and_not_seen():
    made = layer("delta", segment=3)
    x, valid = tokens(1, 9, 8), torch.tensor([[True, False, True, False, False, False, True, True, False]])
    spoiled = x.masked_fill(~valid[..., None], torch.nan)
    other = x.masked_fill(~valid[..., None], 7.0)
    found, state = made.resume(spoiled, None, valid)
    assert torch.equal(found[valid], made(other, valid)[valid])
    assert found[valid].isfinite().all()
    assert close(state, made.access).stored.tolist() == [[[4]]]
    # a whole segment of padding leaves the memory alone
    unpadded, _ = made.resume(torch.cat([x[:, :3], x[:, 6:]], 1), None, torch.cat([valid[:, :3], valid[:, 6:]], 1))
    assert torch.equal(found[:, 6:8], unpadded[:, 3:5])


def test_gradients_in_float64():
    for rule, kept in [("linear", "sums"), ("delta", "means"), ("delta-unit", "sums")]:
        made = layer(rule, width=4, heads=2, segment=2, kept=kept, gate="channel", position="rotary")
        parameters = [p.detach().clone().requires_grad_() for p in made.parameters()]
        names = [n for n, _ in made.named_parameters()]

        def run(x, *weights, made=made, names=names):
            return torch.func.functional_call(made, dict(zip(names, weights, strict=True)), (x,))

        assert torch.autograd.gradcheck(run, (tokens(1, 5, 4).requires_grad_(), *parameters), fast_mode=True)


def test_detached_segments_pass_no_gradient_and_change_no_output():
    through, cut = layer(segment=2), layer(segment=2, detached=True)
    x = tokens(1, 6, 8).requires_grad_()
    assert torch.equal(through(x), cut(x))
    gradients = [torch.autograd.grad(made(x)[0, 5].sum(), x)[0][0] for made in (through, cut)]
    assert gradients[0].any(-1).all()
    assert gradients[1].any(-1).tolist() == [False, False, False, False, True, True]


def test_a_stream_holds_no_graph_unless_asked():
    made, pieces = layer(), [tokens(1, 4, 8, seed=s) for s in range(3)]
    assert not any(part.requires_grad for s in made.stream(pieces) for part in s.state)
    *_, last = made.stream(pieces, detached=False)
    assert last.state.matrix.requires_grad
    together = made(torch.cat(pieces, 1))
    assert (torch.cat([s.output for s in made.stream(pieces)], 1) - together).abs().max() <= 2 * mapped(
        bound(torch.cat(pieces, 1), made), torch.cat(pieces, 1), made
    )
    assert inspect.isgenerator(made.stream(iter(())))


def test_memory_of_a_stream_does_not_grow_with_its_segments():
    """Numbers alive between two pieces, counted: those of the layer and of one state, whether 8 or 80 segments have passed."""
    made = layer(segment=4)

    def kept(state):
        return sum(part.untyped_storage().nbytes() for part in state)

    sizes, pieces = [], (tokens(1, 7, 8, seed=s) for s in range(48))
    for streamed in made.stream(pieces):
        sizes.append(kept(streamed.state))
    assert max(sizes[4:]) == max(sizes[-8:]) == max(sizes[4:12])


def test_all_negative_queries_and_keys_read_values_in_every_form():
    """Pre-activations of -200: the features are 0 in float32, and the quotient of two sums of them 0 / 0."""
    for rule in ("linear", "delta"):
        made = InfiniAttention(4, 1, segment=2, rule=rule, kept="means", start="gated")
        with torch.no_grad():
            for weight in (made.query.weight, made.key.weight):
                weight.copy_(-200 * torch.eye(4))
            torch.nn.init.eye_(made.value.weight)
            torch.nn.init.eye_(made.out.weight)
            made.beta.fill_(100.0)
        found = made(torch.ones(1, 4, 4))
        assert torch.equal(found[:, 2:], torch.ones(1, 2, 4))
        sums = InfiniAttention(4, 1, segment=2, rule=rule, start="gated")
        sums.load_state_dict(made.state_dict())
        assert torch.equal(sums(torch.ones(1, 4, 4))[:, 2:], torch.zeros(1, 2, 4))  # keys are lost, nothing is NaN


def test_empty_sequences_and_batches():
    made = layer()
    assert made(tokens(0, 5, 8)).shape == (0, 5, 8)
    y, state = made.resume(tokens(2, 0, 8))
    assert y.shape == (2, 0, 8)
    assert torch.equal(made.resume(tokens(2, 5, 8), state)[0], made(tokens(2, 5, 8)))


def test_dtypes_of_states():
    x = torch.randn(1, 5, 8)
    for dtype, kept in (
        (torch.bfloat16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ):
        made = InfiniAttention(8, 2, segment=2).to(dtype)
        y, state = made.resume(x.to(dtype))
        assert y.dtype == state.keys.dtype == dtype
        assert state.matrix.dtype == made.init_state(1).matrix.dtype == kept
    narrow = InfiniAttention(8, 2, segment=2, state_dtype=torch.bfloat16)
    assert narrow.resume(x)[1].matrix.dtype == torch.bfloat16
    with torch.autocast("cpu", dtype=torch.bfloat16):
        made = InfiniAttention(8, 2, segment=2)
        y, state = made.resume(x)
        assert state.matrix.dtype == torch.float32
        made.step(x[:, 0], made.init_state(1))
    assert isinstance(state, InfiniState)


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_on_an_accelerator_one_hot_values_come_back_exactly(dtype):
    """Keys of -200 but for one coordinate of 2^7 - 1: means keep log phi apart by more than any format resolves beside 1, so that each
    of 4 channels recalls the mean of equal values, exactly."""
    made = InfiniAttention(4, 1, segment=4, kept="means", start="gated", device="cuda", dtype=dtype)
    with torch.no_grad():
        for weight in (made.query.weight, made.key.weight):
            weight.copy_(327 * torch.eye(4) - 200)
        torch.nn.init.eye_(made.value.weight)
        torch.nn.init.eye_(made.out.weight)
        made.beta.fill_(100.0)
    x = torch.eye(4, device="cuda", dtype=dtype).repeat(64, 1)[None]
    assert torch.equal(made(x)[:, 4:], x[:, 4:])
