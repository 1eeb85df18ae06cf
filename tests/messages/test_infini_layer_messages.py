"""What an Infini-attention layer says when it is given what does not fit: what, where, the value, and what to do."""

import re

import pytest
import torch

from constructions.layers.infini_attention import RATIONAL, Access, Features, InfiniAttention, Memory

X = torch.zeros(2, 5, 8)
LAYER = InfiniAttention(8, 2, segment=3)
STATE = LAYER.resume(X)[1]
FROZEN = InfiniAttention(8, 2, segment=3, rule="delta-frozen")
SEEN = torch.zeros(2, 5, dtype=torch.bool)
REMEDY = "make it with init_state(batch), or give the state of the call before"


def made(**options):
    return InfiniAttention(8, 4, **{"segment": 4, **options})


REFUSALS = {
    "segment of none": (lambda: made(segment=0), "InfiniAttention: segment = 0; give a positive integer"),
    "segment of a half": (lambda: made(segment=0.5), "InfiniAttention: segment = 0.5; give a positive integer"),
    "heads in groups": (
        lambda: made(groups=3),
        "InfiniAttention: 4 heads are not divisible by 3 groups; give a number of groups that divides 4",
    ),
    "no group": (lambda: made(groups=0), "InfiniAttention: groups = 0; give a positive integer"),
    "width in heads": (
        lambda: InfiniAttention(8, 3, segment=2),
        "InfiniAttention: width 8 is not divisible by 3 heads; give head_dim, or heads that divide 8",
    ),
    "no value": (lambda: made(value_dim=0), "InfiniAttention: value_dim = 0; give a positive integer"),
    "half a pair": (
        lambda: made(head_dim=3, position="rotary"),
        "InfiniAttention: rotary positions turn pairs, head_dim = 3 is odd; give an even head_dim",
    ),
    "position": (lambda: made(position="alibi"), "InfiniAttention: position = 'alibi'; give one of 'none', 'rotary'"),
    "base": (lambda: made(base=0), "InfiniAttention: base = 0; give a positive number"),
    "rule": (
        lambda: made(rule="hebb"),
        "InfiniAttention: rule = 'hebb'; give one of 'linear', 'delta', 'delta-frozen', 'delta-unit'",
    ),
    "gate": (lambda: made(gate="token"), "InfiniAttention: gate = 'token'; give one of 'head', 'channel'"),
    "form": (lambda: made(kept="logs"), "InfiniAttention: kept = 'logs'; give one of 'sums', 'means'"),
    "means without z": (
        lambda: made(kept="means", rule="delta-unit"),
        "Access: kept = 'means' divides by z, which rule = 'delta-unit' has not; give kept='sums'",
    ),
    "means without logarithms": (
        lambda: made(kept="means", features=RATIONAL),
        "Access: kept = 'means' needs log phi, which rational has not; give kept='sums'",
    ),
    "undefined means": (
        lambda: Access(kept="means", nothing="undefined"),
        "Access: kept = 'means' reads 0 from nothing, not nothing = 'undefined'; give 'zero'",
    ),
    "nothing": (lambda: Access(nothing="one"), "Access: nothing = 'one'; give one of 'zero', 'undefined'"),
    "features": (
        lambda: made(features="elu"),
        "Access: features = 'elu'; give Features, ELU_PLUS_ONE for example",
    ),
    "start": (lambda: made(start="random"), "InfiniAttention: start = 'random'; give one of 'local', 'gated'"),
    "start of nothing": (
        lambda: made(start=0),
        "InfiniAttention: start = 0; give 'local', 'gated', a positive number for z_0 or a Memory",
    ),
    "a z that is not there": (
        lambda: made(start=1.0, rule="delta-unit"),
        "InfiniAttention: start = 1.0 is a z_0, which rule = 'delta-unit' has not; give 'local' or 'gated'",
    ),
    "memory of another shape": (
        lambda: made(start=Memory(torch.zeros(4, 2, 3), torch.ones(4, 2))),
        "InfiniAttention: the matrix of start is (4, 2, 3); give a tensor (groups, d, m) = (4, 2, 2)",
    ),
    "memory without z": (
        lambda: made(start=Memory(torch.zeros(4, 2, 2), None)),
        "InfiniAttention: the normaliser of start is None; give a tensor (groups, d) = (4, 2)",
    ),
    "memory with a z too many": (
        lambda: made(start=Memory(torch.zeros(4, 2, 2), torch.ones(4, 2)), rule="delta-unit"),
        "InfiniAttention: the normaliser of start is (4, 2); give None, as the rule has no z",
    ),
    "negative z": (
        lambda: made(start=Memory(torch.zeros(4, 2, 2), -torch.ones(4, 2))),
        "InfiniAttention: the least number in the normaliser of start is -1; give numbers that are not negative",
    ),
    "logarithm of 0": (
        lambda: made(start=Memory(torch.zeros(4, 2, 2), torch.zeros(4, 2)), kept="means"),
        "InfiniAttention: the least number in the normaliser of start is 0; give positive numbers, as their logarithms are kept",
    ),
    "whole numbers": (
        lambda: made(dtype=torch.int64),
        "InfiniAttention: dtype = torch.int64; give a floating-point format of at least 16 bits",
    ),
    "a memory of bytes": (
        lambda: made(state_dtype=torch.float8_e5m2),
        "InfiniAttention: state_dtype = torch.float8_e5m2; give a floating-point format of at least 16 bits",
    ),
    "width": (lambda: LAYER(X[..., :4]), "InfiniAttention: x has shape (2, 5, 4); expected (batch, time, 8)"),
    "dtype": (
        lambda: LAYER(X.double()),
        "InfiniAttention: x has dtype torch.float64, the weights torch.float32; give x.to(torch.float32)",
    ),
    "mask of another shape": (
        lambda: LAYER(X, SEEN[:, :4]),
        "InfiniAttention: valid is torch.bool of shape (2, 4) on cpu; expected torch.bool of shape (2, 5) on cpu, True where a token "
        "counts",
    ),
    "mask of numbers": (
        lambda: LAYER(X, SEEN.int()),
        "InfiniAttention: valid is torch.int32 of shape (2, 5) on cpu; expected torch.bool of shape (2, 5) on cpu, True where a token "
        "counts",
    ),
    "mask as a list": (
        lambda: LAYER(X, [[True] * 5] * 2),
        "InfiniAttention: valid is of type list; give torch.bool of shape (2, 5), True where a token counts",
    ),
    "known not told": (
        lambda: FROZEN(X),
        "InfiniAttention: known = None; rule = 'delta-frozen' needs torch.bool with a number for every token, True where its key came "
        "before",
    ),
    "known not asked": (
        lambda: LAYER(X, known=SEEN),
        "InfiniAttention: known is given, which rule = 'linear' does not look at; leave it out",
    ),
    "known of another shape": (
        lambda: FROZEN.step(X[:, 0], FROZEN.init_state(2), SEEN[:, :2]),
        "InfiniAttention.step: known is torch.bool of shape (2, 2) on cpu; expected torch.bool of shape (2,) on cpu, True where the "
        "token's key came before",
    ),
    "token": (
        lambda: LAYER.step(X, STATE),
        "InfiniAttention.step: x_t has shape (2, 5, 8); expected (batch, 8)",
    ),
    "batch": (
        lambda: LAYER.init_state(-1),
        "InfiniAttention.init_state: batch = -1; give how many sequences there are",
    ),
    "no state": (
        lambda: LAYER.resume(X, (STATE.matrix,)),
        f"InfiniAttention: state is of type tuple; {REMEDY}",
    ),
    "no state for a step": (
        lambda: LAYER.step(X[:, 0], None),
        f"InfiniAttention.step: state is of type NoneType; {REMEDY}",
    ),
    "state of another batch": (
        lambda: LAYER.resume(X[:1], STATE),
        f"InfiniAttention: the state's matrix has shape (2, 2, 1, 4, 4); expected (1, 2, 1, 4, 4); {REMEDY}",
    ),
    "state of other heads": (
        lambda: InfiniAttention(8, 4, segment=3).resume(X, STATE),
        f"InfiniAttention: the state's matrix has shape (2, 2, 1, 4, 4); expected (2, 4, 1, 2, 2); {REMEDY}",
    ),
    "state of another dtype": (
        lambda: LAYER.resume(X, InfiniAttention(8, 2, segment=3).double().init_state(2)),
        f"InfiniAttention: the state's matrix has dtype torch.float64 on cpu; expected torch.float32 on cpu; {REMEDY}",
    ),
    "state without z": (
        lambda: LAYER.resume(X, InfiniAttention(8, 2, segment=3, rule="delta-unit").init_state(2)),
        f"InfiniAttention: the state's normaliser has shape None; expected (2, 2, 1, 4); {REMEDY}",
    ),
    "state of lists": (
        lambda: LAYER.resume(X, STATE._replace(keys=[1])),
        f"InfiniAttention: the state's keys is of type list; {REMEDY}",
    ),
    "values of another length than keys": (
        lambda: LAYER.resume(X, STATE._replace(values=STATE.values[..., :1, :])),
        f"InfiniAttention: the state's values has shape (2, 2, 1, 1, 4); expected (2, 2, 1, 2, 4); {REMEDY}",
    ),
    "state of longer segments": (
        lambda: LAYER.resume(X, InfiniAttention(8, 2, segment=9).resume(X)[1]),
        "InfiniAttention: the state's open segment holds 5 tokens, a segment here has 3; go on with the segment it was made with",
    ),
    "closing what is none": (
        lambda: LAYER.close(STATE._replace(stored=STATE.stored.float())),
        f"InfiniAttention.close: the state's stored has dtype torch.float32 on cpu; expected torch.int64 on cpu; {REMEDY}",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_says_what_and_what_to_do(name):
    run, said = REFUSALS[name]
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        run()


def test_features_are_shown_by_name():
    assert repr(Features("mine", abs)) == "mine"
    assert "rule='delta'" in repr(made(rule="delta"))
