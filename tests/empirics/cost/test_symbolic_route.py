"""Formulas with sizes as symbols: equal to the claimed ones identically where the route applies, refused where a size was pinned."""

import builtins
import math

import pytest
import sympy
import torch
from torch import nn

from empirics.cost.counting import count
from empirics.cost.symbolic_route import symbolic_cost
from empirics.subjects import SUBJECTS, formulas
from theory.cost.amounts import value
from theory.cost.formulas import L, evaluate, parse, symbol

N, d, K, C, E, h = (symbol(x) for x in "NdKCEh")

CONFIRMED = {
    # subject: conditions under which it is derived, besides sizes of at least 2
    "softmax_attention": set(),
    "softmax_attention_bidirectional": set(),
    "softmax_attention_fused": set(),
    "softmax_attention_fused_bidirectional": set(),
    "sliding_window_mask": set(),
    "linear_attention_cumsum": set(),
    "linear_attention_chunked": {sympy.Ne(sympy.ceiling(N / C), 1)},
    "topk_attention": {N >= K},
    "sort_mixing": set(),
    "fft_mixing": set(),
    "pointer_all": set(),
    "pointer_window": set(),
    "pointer_buckets": set(),
    "pointer_additive": set(),
    "alibi_attention": set(),
    "mep_attention": set(),
    "fire_attention": set(),
    "mixture_of_experts": {sympy.Ne(E, E * sympy.ceiling(N / E)), sympy.Ne(sympy.ceiling(N / E), 1)},
}
REFUSED = {
    # subject: the size that becomes a number, and the file where
    "sliding_window_unfold": ("W", "sliding_window.py"),  # torch's unfold takes an int
    "linear_attention_loop": ("N", "linear_attention.py"),
    "delta_rule_loop": ("N", "delta_rule.py"),
    "delta_rule_chunked": ("ceiling(N/C)", "delta_rule.py"),
    "scan_sequential": ("N", "scan.py"),
    "scan_blelloch": ("floor(N/128)", "scan.py"),
    "deltaformer_solve": ("1/sqrt(d)", "kernels.py"),  # a kernel looks whether its scale is finite
    "deltaformer_chunked": ("1/sqrt(d)", "kernels.py"),
    "deltaformer_recurrence": ("1/sqrt(d)", "kernels.py"),
    "deltaformer_linear": ("C", "deltaformer/doors.py"),
    "pointer_all_tiled": ("N", "pointer/running.py"),
    "pointer_strides": ("K", "pointer/candidates.py"),
    "pointer_previous": ("K", "pointer/candidates.py"),
}


ONE_REGIME = ("scan_hillis_steele", "infini_attention_linear", "infini_attention_delta")
"""Subjects whose loop runs a number of rounds that depends on a size: derived for the one that the hints have."""


LONGEST_FROM = {
    "sort_mixing": {L(N): 2},
    "pointer_buckets": {L(d): 2},
    "pointer_additive": {L(N): 2},
}
"""Spans that are claimed from some logarithm of a size on."""


def test_every_reference_subject_is_confirmed_or_refused_or_in_one_regime():
    assert set(CONFIRMED) | set(REFUSED) | set(ONE_REGIME) == set(SUBJECTS)


def claimed(text, conditions):
    formula = parse(text)
    return formula.subs(sympy.Min(K, N), K) if conditions == {N >= K} else formula


@pytest.mark.parametrize("name", CONFIRMED)
def test_the_claimed_formulas_hold_identically(name):
    subject, conditions = SUBJECTS[name], CONFIRMED[name]
    found, claim = symbolic_cost(subject), formulas(subject)
    assert found.refused is None
    assert set(found.conditions) == conditions
    assert sympy.expand(found.work - claimed(claim.work, conditions)) == 0
    assert sympy.expand(found.parameters - parse(claim.parameters)) == 0
    assert sympy.expand(sum(found.terms.values()) - found.work) == 0
    span = claimed(claim.span, conditions)
    if name in LONGEST_FROM:  # below, another path is the longest
        if name == "sort_mixing":
            assert found.span.subs(N, 2) == 2 * L(d) + 8 != span.subs(N, 2)
        assert sympy.expand(span) in found.span.args
        differences = [sympy.expand(span - path) for path in found.span.args]
        assert all(x.subs(LONGEST_FROM[name]) >= 0 for x in differences)  # and more so for longer ones
        assert all(x.subs(dict.fromkeys(LONGEST_FROM[name], 0)) < 0 for x in differences if x != 0)
    else:
        assert sympy.expand(found.span - span) == 0


@pytest.mark.parametrize("name", REFUSED)
def test_a_size_that_becomes_a_number_is_named_with_its_line(name):
    size, file = REFUSED[name]
    refused = symbolic_cost(SUBJECTS[name]).refused
    assert refused is not None
    assert refused.startswith(f"a size is pinned: Eq({size}, ")
    assert f"layers/{file}:" in refused


@pytest.mark.parametrize("name", [n for n in ONE_REGIME if n.startswith("infini")])
def test_a_loop_over_segments_is_derived_for_one_number_of_them(name):
    found = symbolic_cost(SUBJECTS[name], hints={"N": 19, "d": 5, "C": 11})
    assert found.refused is None
    assert [found.holds({"N": n, "d": 9, "C": 100}) for n in (90, 150, 199, 250)] == [False, True, True, False]
    two = {sympy.ceiling(N / C): 2}
    for said, got in ((formulas(SUBJECTS[name]).work, found.work), (formulas(SUBJECTS[name]).span, found.span)):
        claim = parse(said).subs(two).subs(sympy.Min(C, N), C)
        for sizes in ({"N": 19, "d": 5, "C": 11}, {"N": 41, "d": 9, "C": 21}, {"N": 200, "d": 7, "C": 101}):
            assert evaluate(claim, sizes) == evaluate(got, sizes)
    assert sympy.expand(found.work - parse(formulas(SUBJECTS[name]).work).subs(two)) == 0


def test_a_loop_of_logarithmic_length_is_derived_for_one_octave_only():
    found = symbolic_cost(SUBJECTS["scan_hillis_steele"], hints={"N": 211, "d": 53})
    assert found.refused is None
    claim = parse(formulas(SUBJECTS["scan_hillis_steele"]).work)
    assert [found.holds({"N": n, "d": 9}) for n in (100, 130, 256, 257)] == [False, True, True, False]
    for n in (130, 200, 256):
        assert sympy.expand(found.work.subs(N, n) - claim.subs(N, n)) == 0
    assert found.work.subs(N, 300) != claim.subs(N, 300)


@pytest.mark.parametrize("name", CONFIRMED)
def test_formulas_agree_with_a_count_at_numbers_that_were_no_hints(name):
    subject = SUBJECTS[name]
    symbolic = symbolic_cost(subject)
    for values in ((13, 6, 3, 4), (24, 10, 5, 2)):
        sizes = dict(zip(("N", "d"), values, strict=False))
        sizes |= dict(
            zip([str(s) for s in sorted(symbolic.work.free_symbols - {N, d}, key=str)], values[2:], strict=False)
        )
        sizes = {x: sizes.get(x, 3) for x in subject.__code__.co_varnames}
        assert symbolic.holds(sizes)
        with torch.device("meta"):
            layer, inputs = subject(**sizes)
        tally = count(layer, inputs)
        for formula, counted in ((symbolic.work, tally.work), (symbolic.span, tally.span)):
            assert evaluate(formula, sizes) == sum(value(amount) for amount in counted.values())
        assert evaluate(symbolic.moved, sizes) == sum(tally.moved.values())
        lines = {site.line: 0 for site in symbolic.terms}
        for site, term in symbolic.terms.items():
            lines[site.line] += evaluate(term, sizes)
        for site, amount in tally.work.items():
            lines[site.line] -= value(amount)
        assert not any(lines.values())


class Repeats(nn.Module):
    """x added up `times(x)` times, without a loop in Python."""

    def __init__(self, times):
        super().__init__()
        self.times = times

    def forward(self, x):
        return x.expand(self.times(x), -1, -1).clone().sum(0)


def repeating(times):
    def subject(N, d):
        return Repeats(times), (torch.empty(1, N, d),)

    return subject


SILENT = {
    "int": lambda x: int(x.shape[1]),
    "index": lambda x: x.shape[1].__index__(),
    "through a float": lambda x: int(float(x.shape[1])),
    "through the logarithm": lambda x: 2 ** int(math.log2(x.shape[1])),
    "length of a range": lambda x: sum(1 for _ in range(x.shape[1])),
    "length of a list": lambda x: sum(1 for _ in x[0].unbind()),
    "an equality": lambda x: x.shape[1] if x.shape[1] == 211 else 1,
    "two sizes alike": lambda x: x.shape[1] if x.shape[1] - 158 == x.shape[2] else 1,
}
LOUD = {
    "itself": (lambda x: x.shape[1], N),
    "length": (lambda x: len(x[0]), N),
    "product": (lambda x: x[0].numel(), N * d),
    "chunks": (lambda x: -(-x.shape[1] // x.shape[2]), sympy.ceiling(N / d)),
    "greater": (lambda x: max(x.shape[1], 9), N),
    "rounded up": (lambda x: math.ceil(x.shape[1] / x.shape[2]), sympy.ceiling(N / d)),
}


@pytest.mark.parametrize("way", SILENT)
def test_a_size_turned_into_a_number_silently_is_refused(way):
    found = symbolic_cost(repeating(SILENT[way]))
    assert found.refused is not None
    assert found.work is None
    assert "pinned" in found.refused
    assert __file__ in found.refused


@pytest.mark.parametrize("way", LOUD)
def test_its_true_neighbour_is_derived(way):
    times, formula = LOUD[way]
    found = symbolic_cost(repeating(times))
    assert found.refused is None, found.refused
    assert sympy.expand(found.work - 2 * formula * N * d) == 0
    assert sympy.expand(found.span - 1 - L(formula)) == 0


def test_an_inequality_is_a_condition_with_its_line():
    def subject(N, d):
        return Capped(), (torch.empty(1, N, d),)

    class Capped(nn.Module):
        def forward(self, x):
            return x @ x.mT if x.shape[1] <= 40 else x.cumsum(1)

    long, short = symbolic_cost(subject), symbolic_cost(subject, hints={"N": 13, "d": 7})
    line = Capped.forward.__code__.co_firstlineno + 1
    assert long.guards == (f"N > 40 ({__file__}:{line})",)
    assert (long.work, short.work) == (2 * N * d, 2 * N**2 * d)
    assert [(long.holds(s), short.holds(s)) for s in ({"N": 40, "d": 3}, {"N": 41, "d": 3})] == [
        (False, True),
        (True, False),
    ]
    assert not short.holds({"N": 1, "d": 3})


def test_divisibility_is_a_condition_and_makes_quotients_whole():
    class Heads(nn.Module):
        def __init__(self, width, heads):
            super().__init__()
            if width % heads:
                raise ValueError("heads must divide the width")
            self.heads = heads

        def forward(self, x):
            _, tokens, width = x.shape
            q = x.view(1, tokens, self.heads, width // self.heads).transpose(1, 2)
            return q @ q.mT

    def subject(N, d, h):
        return Heads(d, h), (torch.empty(1, N, d),)

    found = symbolic_cost(subject, hints={"N": 211, "d": 35, "h": 7})
    assert sympy.Eq(sympy.Mod(d, h), 0) in found.conditions
    assert found.work == 2 * N**2 * d
    assert found.span == 1 + L(d / h)
    assert [found.holds({"N": 8, "d": 12, "h": k}) for k in (3, 5)] == [True, False]
    assert "heads must divide the width" in (symbolic_cost(subject).refused or "")


def test_what_depends_on_values_is_refused_even_when_the_layer_hides_it():
    class Peeks(nn.Module):
        def forward(self, x):
            try:
                return x * x.sum().item()
            except Exception:
                return x

    refused = symbolic_cost(lambda N, d: (Peeks(), (torch.empty(1, N, d),))).refused
    assert "a number is read out of a tensor" in (refused or "")


def test_writes_into_parts_leave_the_span_untold_and_the_work_exact():
    class Shifts(nn.Module):
        def forward(self, x):
            y = torch.zeros_like(x)
            y[:, 1:] = x[:, :-1]
            return y

    found = symbolic_cost(lambda N, d: (Shifts(), (torch.empty(1, N, d),)))
    assert found.work == 2 * N * d - d
    assert found.span is None


@pytest.mark.parametrize(
    ("make", "work"),
    [
        (lambda d: nn.Linear(d, 4 * d), 8 * N * d**2 + 4 * N * d),
        (lambda d: nn.Sequential(nn.LayerNorm(d), nn.GELU()), 9 * N * d),
        (lambda d: nn.LSTM(d, d, batch_first=True), None),
    ],
)
def test_layers_of_torch(make, work):
    found = symbolic_cost(lambda N, d: (make(d), (torch.empty(1, N, d),)))
    assert found.work == work
    assert (found.refused is None) == (work is not None)


def test_a_subject_that_raises_and_hints_for_other_sizes():
    def broken(N, d):
        raise KeyError("no such layer")

    assert "KeyError: 'no such layer'" in (symbolic_cost(broken).refused or "")
    with pytest.raises(ValueError, match=r"hints for \['N'\], but the sizes are \['N', 'd'\]"):
        symbolic_cost(broken, hints={"N": 5})


def test_everything_is_as_before_and_a_second_time_is_the_same():
    def state():
        return (builtins.len, builtins.isinstance, math.sqrt, nn.init.uniform_.__code__, nn.init.uniform_.__defaults__)

    before = state()
    first, second = (symbolic_cost(SUBJECTS["topk_attention"]) for _ in range(2))
    assert first == second
    assert symbolic_cost(SUBJECTS["scan_sequential"]).refused
    assert state() == before
    assert type(torch.empty(3)) is torch.Tensor
    assert nn.init.uniform_(torch.empty(3), 2.0, 3.0).min() >= 2
