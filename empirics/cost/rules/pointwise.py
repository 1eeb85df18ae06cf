"""Operations of one unit an output element and span 1: functions of corresponding elements, casts, factories, and data moved.

torch tags most pointwise operations; listed here are those it does not tag and the moves. A factory costs its output, `empty`
nothing. A move (gather, copy, cat, roll, pad and the backward of a slice, whose every element is a gradient or a zero) costs its
output. Dropout and random fills are pointwise.
"""

from __future__ import annotations

from empirics.cost.rules.model import Call, Cost, cost, rule

__all__ = ["FREE", "GATHERS", "OVERWRITING", "SHAPE_ONLY", "move", "pointwise"]

_UNTAGGED = (
    "where masked_fill tril triu copy _to_copy fill zero clone native_dropout native_dropout_backward bernoulli "
    "normal_functional uniform random exponential geometric log_normal cauchy normal rrelu_with_noise "
    "rrelu_with_noise_backward glu glu_backward _prelu_kernel threshold_backward gelu_backward hardswish_backward "
    "hardsigmoid_backward hardtanh_backward elu_backward leaky_relu_backward softplus_backward log_sigmoid_backward "
    "log_sigmoid_forward softshrink_backward hardshrink_backward threshold view_as_complex_copy complex polar "
    "_conj_physical _assert_async celu elu hardtanh gelu mish softplus hardshrink softshrink copysign xlogy "
    "remainder abs relu _conj_copy poisson _standard_gamma lift lift_fresh_copy isnan isinf"
)
_FACTORIES = (
    "zeros ones full zeros_like ones_like full_like new_zeros new_ones new_full arange linspace logspace eye "
    "scalar_tensor rand randn randint rand_like randn_like randint_like randperm tril_indices triu_indices "
    "hann_window _efficientzerotensor bartlett_window hamming_window blackman_window kaiser_window"
)
_MOVES = (
    "gather index _unsafe_index index_select take embedding cat stack roll flip repeat constant_pad_nd "
    "reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d replication_pad3d "
    "slice_scatter select_scatter diagonal_scatter as_strided_scatter slice_backward select_backward "
    "diagonal_backward diag_embed rot90 im2col channel_shuffle pixel_shuffle pixel_unshuffle unfold_copy "
    "expand_copy permute_copy slice_copy select_copy view_copy split_with_sizes_copy unbind_copy transpose_copy "
    "masked_scatter block_diag"
)

_FREE = (
    "_assert_tensor_metadata _fw_primal _linalg_check_errors _reshape_alias _unsafe_view alias as_strided "
    "dense_dim detach empty empty_like empty_permuted empty_strided is_coalesced is_same_size lift_fresh "
    "new_empty new_empty_strided record_stream resize set sparse_dim squeeze t transpose unsqueeze"
)
FREE = frozenset(_FREE.split())
"""Operations that cost nothing: no element is computed. Views are recognised by their schema."""

_SHAPE_ONLY = (
    "zeros_like ones_like full_like rand_like randn_like randint_like new_zeros new_ones new_full empty_like "
    "new_empty new_empty_strided"
)
SHAPE_ONLY = frozenset(_SHAPE_ONLY.split())
"""Operations that read no element of their first argument, only its shape."""

_OVERWRITING = "copy fill zero bernoulli normal uniform random exponential geometric log_normal cauchy"
OVERWRITING = frozenset(_OVERWRITING.split())
"""Operations whose in-place forms read no element of what they overwrite."""

_GATHERS = "gather index _unsafe_index index_select take embedding"
GATHERS = frozenset(_GATHERS.split())
"""Moves that read of their first tensor only as many elements as they return."""


@rule(*_UNTAGGED.split(), *_FACTORIES.split(), name="pointwise")
def pointwise(call: Call) -> Cost:
    """out, 1."""
    return cost(call.size, 1)


@rule(*_MOVES.split(), name="move")
def move(call: Call) -> Cost:
    """out, 1."""
    return cost(call.size, 1)
