"""Operations of one unit an output element and span 1: functions of corresponding elements, casts, factories, and data moved.

torch tags most pointwise operations; listed here are those it does not tag and the moves. A factory costs its output, `empty`
nothing. A move (gather, copy, cat, roll, pad and the backward of a slice, whose every element is a gradient or a zero) costs its
output. Dropout and random fills are pointwise.
"""

from __future__ import annotations

from empirics.cost.rules.model import Call, Cost, cost, rule

__all__ = ["FREE", "GATHERS", "OVERWRITING", "SHAPE_ONLY", "move", "pointwise"]

_UNTAGGED = (
    "clamp clamp_min clamp_max where masked_fill tril triu copy _to_copy fill zero clone dropout native_dropout "
    "native_dropout_backward bernoulli bernoulli_ normal_functional uniform random exponential geometric log_normal cauchy "
    "normal rrelu_with_noise rrelu_with_noise_backward glu glu_backward prelu _prelu_kernel lerp addcmul addcdiv "
    "threshold_backward gelu_backward silu_backward hardswish_backward hardsigmoid_backward hardtanh_backward elu_backward "
    "leaky_relu_backward softplus_backward sigmoid_backward tanh_backward mish_backward log_sigmoid_backward "
    "log_sigmoid_forward logit_backward softshrink_backward hardshrink_backward threshold "
    "view_as_complex_copy complex polar real_copy conj_physical _conj_physical isin_scalar _assert_async "
    "celu elu selu hardtanh silu gelu mish softplus hardshrink softshrink nan_to_num sgn frexp ldexp copysign xlogy "
    "special_xlog1py relu6 fmod remainder pow abs neg exp log sigmoid tanh relu sqrt rsqrt bitwise_not logical_not "
    "_conj_copy lift lift_fresh_copy isnan isinf isfinite"
)
_FACTORIES = (
    "zeros ones full zeros_like ones_like full_like new_zeros new_ones new_full arange linspace logspace eye scalar_tensor "
    "rand randn randint rand_like randn_like randint_like randperm tril_indices triu_indices hann_window "
    "_efficientzerotensor bartlett_window hamming_window blackman_window kaiser_window"
)
_MOVES = (
    "gather index _unsafe_index index_select take embedding cat stack roll flip repeat constant_pad_nd reflection_pad1d "
    "reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d replication_pad3d slice_scatter select_scatter "
    "diagonal_scatter as_strided_scatter slice_backward select_backward diagonal_backward diag_embed rot90 im2col channel_shuffle "
    "pixel_shuffle pixel_unshuffle unfold_copy expand_copy permute_copy slice_copy select_copy view_copy "
    "split_with_sizes_copy unbind_copy transpose_copy index_fill masked_scatter block_diag"
)

FREE = frozenset(
    ["empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided", "empty_permuted", "_unsafe_view", "lift_fresh", "resize", "set", "_reshape_alias", "alias", "detach", "sym_size", "sym_stride", "sym_numel", "sym_storage_offset", "is_same_size", "_local_scalar_dense_free", "record_stream", "_has_compatible_shallow_copy_type", "is_coalesced", "dense_dim", "sparse_dim", "_version", "size", "stride", "_assert_tensor_metadata", "requires_grad", "profiler", "_fw_primal"]
)
"""Operations that cost nothing: no element is computed. Views are recognised by their schema."""

SHAPE_ONLY = frozenset(
    ["zeros_like", "ones_like", "full_like", "rand_like", "randn_like", "randint_like", "new_zeros", "new_ones", "new_full", "empty_like", "new_empty", "new_empty_strided"]
)
"""Operations that read no element of their first argument, only its shape."""

OVERWRITING = frozenset(
    ["copy", "fill", "zero", "bernoulli", "normal", "uniform", "random", "exponential", "geometric", "log_normal", "cauchy"]
)
"""Operations whose in-place forms read no element of what they overwrite."""


GATHERS = frozenset(["gather", "index", "_unsafe_index", "index_select", "take", "embedding"])
"""Moves that read of their first tensor only as many elements as they return."""


@rule(*_UNTAGGED.split(), *_FACTORIES.split(), name="pointwise")
def pointwise(call: Call) -> Cost:
    """out, 1."""
    return cost(call.size, 1)


@rule(*_MOVES.split(), name="move")
def move(call: Call) -> Cost:
    """out, 1."""
    return cost(call.size, 1)
