"""What a counterexample file holds comes back bit for bit, or is refused when it is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from empirics import strategies
from empirics.codec import NotEncodable, decode, encode
from theory.programs import Dag, SwapProgram


@dataclass(frozen=True)
class Box:
    inside: object
    size: int = 1


def through_a_file(value, namespace=None):
    return decode(json.loads(json.dumps(encode(value))), namespace)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.fractions(),
    st.floats(allow_nan=False),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text() | st.integers() | st.tuples(st.integers()), inner, max_size=4),
        st.builds(Box, inner, st.integers()),
    ),
    max_leaves=12,
)


@given(VALUES)
def test_round_trip(value):
    found = through_a_file(value)
    assert found == value
    assert repr(found) == repr(value)  # 1 and True and 1.0, 0.0 and -0.0 are equal and not the same


@given(
    hnp.arrays(
        st.sampled_from(["int8", "int64", "float64", "float32", "bool"]), hnp.array_shapes(min_dims=0, min_side=0)
    )
)
def test_arrays_round_trip(array):
    found = through_a_file(array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert np.array_equal(found, array, equal_nan=array.dtype.kind == "f")


@given(hnp.arrays(object, hnp.array_shapes(min_side=0), elements=st.fractions() | st.integers()))
def test_object_arrays_round_trip(array):
    found = through_a_file(array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert [type(x) for x in found.ravel()] == [type(x) for x in array.ravel()]
    assert (found == array).all()


@given(strategies.swap_programs(), strategies.dags(), strategies.keys_and_queries(most_tokens=3))
def test_the_objects_of_claims_round_trip(program, graph, inputs):
    assert through_a_file(program) == program
    assert through_a_file(graph) == graph
    found = through_a_file(inputs)
    assert list(found) == list(inputs)
    assert all(found[name].shape == inputs[name].shape and (found[name] == inputs[name]).all() for name in inputs)


def test_tensors_round_trip():
    import torch

    for value in (torch.tensor([[1, -2]]), torch.tensor([0.1, -0.0], dtype=torch.float32), torch.zeros(0, 3)):
        found = through_a_file(value)
        assert found.dtype == value.dtype
        assert found.shape == value.shape
        assert found.equal(value)


def test_flint_numbers_become_fractions():
    import flint

    assert through_a_file(flint.fmpq(1, 3)) == Fraction(1, 3)
    assert through_a_file(flint.fmpz(10**30)) == Fraction(10**30)


@pytest.mark.parametrize("value", [object(), 1j, {1, 2}, b"x", Box, [1, object()], Box(object()), np.array([1j])])
def test_what_has_no_exact_form_is_refused(value):
    with pytest.raises(NotEncodable, match=r"cannot write a .* into a counterexample; give the check numbers"):
        encode(value)


@pytest.mark.parametrize(
    "value",
    [{}, {"float": 1}, {"nothing": "known"}, {"tuple": 3}, {"array": "int8", "shape": [1]}, 1.5, {"fraction": "x"}],
)
def test_what_encode_does_not_write_is_refused(value):
    with pytest.raises(ValueError, match=r"not an encoded input|Invalid literal"):
        decode(value)


@pytest.mark.parametrize("name", ["os:system", "builtins:eval", "empirics.engine:run_check", "theory.programs:absent"])
def test_only_dataclasses_are_rebuilt(name):
    with pytest.raises(ValueError, match=f"no dataclass '{name}' is known here"):
        decode({"object": name, "fields": {}})


def test_a_users_class_is_found_in_the_namespace_of_the_file():
    encoded = json.loads(json.dumps(encode(Box(3))).replace(__name__, "a_module_of_another_process"))
    assert decode(encoded, {"Box": Box}) == Box(3)
    with pytest.raises(ValueError, match="no dataclass"):
        decode(encoded, {})


def test_a_rebuilt_dataclass_passes_its_own_door():
    encoded = encode(SwapProgram(2, [(0, 1)]))
    encoded["fields"]["n"] = 1
    with pytest.raises(ValueError, match=r"slot 1 is outside 0\.\.0"):
        decode(encoded)
    cyclic = encode(Dag(2, [(0, 1)]))
    cyclic["fields"]["edges"] = [[0, 1], [1, 0]]
    with pytest.raises(ValueError, match="form a cycle"):
        decode(cyclic)
