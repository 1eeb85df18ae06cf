"""Infini-attention as a layer: projections and a gate around `streaming`.

Source: Munkhdalai, Faruqui, Gopal, arXiv 2404.07143. Variants and costs derived here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.arrays import select
from constructions.layers.infini_attention import options
from constructions.layers.infini_attention.access import KEPT, Access
from constructions.layers.infini_attention.features import ELU_PLUS_ONE, Features
from constructions.layers.infini_attention.memory import Memory, has_normaliser
from constructions.layers.infini_attention.options import Sizes
from constructions.layers.infini_attention.rotary import turned, turns
from constructions.layers.infini_attention.streaming import InfiniState, advance, begin, close
from constructions.layers.shapes import check_positive, check_token, check_tokens, choose

__all__ = ["InfiniAttention", "Streamed"]


class Streamed(NamedTuple):
    """The output of one piece of a stream `(batch, T, width)`, and the state after it."""

    output: Tensor
    state: InfiniState


class InfiniAttention(nn.Module):
    """Softmax attention within segments of `segment` tokens, gated with what a memory of fixed size recalls of all segments before.

    width: of input and output. heads: queries a token. groups: keys, values and memories a token, heads unless given; it divides
        heads, and heads h = g r .. g r + r - 1, r = heads / groups, share group g, in the memory and in A_dot alike: keys repeated
        with repeat_interleave. head_dim: of queries and keys, width / heads unless given; value_dim: head_dim unless given.
    rule: how a segment is written, of `memory.RULES`; "delta-frozen" asks every call which keys are `known`.
    start: "local", A_dot alone until a segment is stored; "gated", gated from the first token on with a read of 0; a positive number,
        z_0 of every channel with M_0 = 0, gated; a `Memory` of tensors (groups, d, m) and (groups, d), gated, kept as buffers.
    gate: "head" or "channel": the parameter `beta` (heads,) or (heads, value_dim), 0 at first; g = sigmoid(beta) is the memory's share.
    kept: "sums", M and z; "means", the form that neither underflows nor overflows. features: phi, see `features`.
    position: "rotary" turns queries and keys of A_dot, by their position in the segment; the memory never sees a position.
    detached: no gradient flows from a segment into the memory it reads, nor by it into earlier segments.
    state_dtype: of the memory, float32 at least unless given; narrower ones round every operation in a loop, for looking at.
    bias: of the four maps.

    Heads are split by a transpose, `(batch, T, heads * d)` -> `(batch, groups, r, T, d)`. Everything else is computed in the dtype of
    the weights, or of the projections within autocast. Calls cut a stream wherever they like; see `streaming`.

    Cost with one head, d = width, C the segment, N tokens: `theory.cost.infini_attention`; about 8 N d^2 for maps, 4 N d^2 to write
    and read, 4 N C d to attend. Between two calls: d m + d numbers a group, and keys and values of at most C tokens.

    Whether numbers are finite is not looked at. Raises ValueError for sizes that are not positive or do not divide, unknown switches;
    then for inputs, masks or states of the wrong shape, dtype or device.
    """

    start_matrix: Tensor | None
    start_normaliser: Tensor | None

    def __init__(
        self,
        width: int,
        heads: int,
        *,
        segment: int | Any,
        groups: int | None = None,
        head_dim: int | None = None,
        value_dim: int | None = None,
        rule: str = "linear",
        start: str | float | Memory | Any = "local",
        gate: str = "head",
        kept: str = "sums",
        features: Features | Any = ELU_PLUS_ONE,
        position: str = "none",
        base: float | Any = 10000.0,
        detached: bool = False,
        state_dtype: torch.dtype | None = None,
        bias: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.groups = heads if groups is None else groups
        self.head_dim = options.check_heads(width, heads, self.groups, head_dim, position)
        self.value_dim = self.head_dim if value_dim is None else value_dim
        check_positive("InfiniAttention", segment=segment, value_dim=self.value_dim)
        self.asks_known = options.check_known(rule)
        self.access = Access(rule, choose("InfiniAttention", "kept", kept, KEPT), features)
        self.start, self.constant = options.start_of(start, rule)
        self.gate = choose("InfiniAttention", "gate", gate, options.GATES)
        options.check_dtypes(dtype=dtype, state_dtype=state_dtype)
        self.width, self.heads, self.segment = width, heads, segment
        self.position, self.base = position, options.check_number("base", base)
        self.detached, self.state_dtype = detached, state_dtype
        self.sizes = Sizes(self.groups, self.head_dim, self.value_dim, segment, has_normaliser(rule))

        def project(out: int) -> nn.Linear:
            return nn.Linear(width, out, bias=bias, device=device, dtype=dtype)

        self.query, self.key = project(heads * self.head_dim), project(self.groups * self.head_dim)
        self.value = project(self.groups * self.value_dim)
        self.out = nn.Linear(heads * self.value_dim, width, bias=bias, device=device, dtype=dtype)
        shape = (heads,) if gate == "head" else (heads, self.value_dim)
        self.beta = nn.Parameter(torch.zeros(shape, device=device, dtype=dtype))
        given = start if isinstance(start, Memory) else Memory(None, None)
        if isinstance(start, Memory):
            options.check_given(start, self.sizes, kept)
        for name, part in zip(("start_matrix", "start_normaliser"), given, strict=True):
            self.register_buffer(name, None if part is None else part.detach().clone().to(self.beta.device))

    def extra_repr(self) -> str:
        return (
            f"width={self.width}, heads={self.heads}, groups={self.groups}, segment={self.segment}, rule={self.access.rule!r}, "
            f"kept={self.access.kept!r}, start={self.start!r}, position={self.position!r}"
        )

    def forward(
        self, x: Tensor, valid: Tensor | Any = None, known: Tensor | Any = None
    ) -> Float[Tensor, "batch time width"]:
        """`x (batch, T, width)` -> the same shape, from an empty memory. known `(batch, T)`: see `rule`. valid `(batch, T)`: False at
        padding, which takes a place in its segment, is neither attended nor stored, and whose own output means nothing."""
        return self.resume(x, None, valid, known)[0]

    def resume(
        self, x: Tensor, state: InfiniState | Any = None, valid: Tensor | Any = None, known: Tensor | Any = None
    ) -> tuple[Float[Tensor, "batch time width"], InfiniState]:
        """The same for tokens after those in `state`, None for none, and the state after them. `state` is left alone."""
        check_tokens("InfiniAttention", x, self.query.weight)
        state = self._begin(len(x)) if state is None else state
        return self._run("InfiniAttention", x, state, valid, known)

    def stream(
        self, pieces: Iterable[Tensor], state: InfiniState | None = None, *, detached: bool = True
    ) -> Iterator[Streamed]:
        """Outputs of pieces `(batch, T, width)` of one stream, any T, as they come, each with the state after it. No more is held
        than one piece and the state, however long the stream; unless not `detached`, when autograd holds all of it."""
        for piece in pieces:
            made, state = self.resume(piece, state)
            state = state.detach() if detached else state
            yield Streamed(made, state)

    def init_state(self, batch: int) -> InfiniState:
        """What there is before the first token, on the device of the weights; keys and values in their dtype."""
        if isinstance(batch, bool) or not isinstance(batch, int) or batch < 0:
            raise ValueError(f"InfiniAttention.init_state: batch = {batch!r}; give how many sequences there are")
        return self._begin(batch)

    def _begin(self, batch: Any) -> InfiniState:
        """The same for a number that may be a symbol."""
        sizes, like = self.sizes, self.key.weight
        held = like.new_empty(0, dtype=self._state_dtype(like))
        axes = (batch, sizes.groups, 1)
        if self.start_matrix is None:
            memory = self.access.empty(axes, sizes.d, sizes.m, held, self.constant)
        else:
            matrix, z = self.start_matrix[:, None], self.start_normaliser
            z = None if z is None else z[:, None].to(held)
            memory = self.access.given(matrix.to(held), z)
            memory = type(memory)(*(x if x is None else x.expand(batch, *x.shape) for x in memory))
        return begin(memory, like, (batch, 1, 1))

    def _state_dtype(self, like: Tensor) -> torch.dtype:
        if self.state_dtype is not None:
            return self.state_dtype
        return torch.float32 if like.itemsize < 4 else like.dtype

    def close(self, state: InfiniState) -> InfiniState:
        """The open segment stored before it is full, at the end of a document for example: the next token begins a new one."""
        keys = getattr(state, "keys", None)
        self._check("InfiniAttention.close", state, None, keys if isinstance(keys, Tensor) else self.key.weight)
        return close(state, self.access, detached=self.detached)

    def _check(self, where: str, state: Any, batch: int | None, like: Any) -> None:
        options.check_state(where, state, batch, self.sizes, like, self._state_dtype(like))

    def step(
        self, x_t: Tensor, state: InfiniState | Any, known: Tensor | Any = None
    ) -> tuple[Float[Tensor, "batch width"], InfiniState]:
        """One token `(batch, width)` after those in `state`: its output, and the new state. known `(batch,)`.

        Work O(d m) to read, O(t d) to attend to t tokens of the open segment; the first of a segment also writes
        the one before, O(C d m).
        """
        check_token("InfiniAttention", x_t, self.query.weight)
        options.check_flags("InfiniAttention.step", "known", known, x_t, "where the token's key came before")
        y, state = self._run(
            "InfiniAttention.step", x_t[:, None], state, None, None if known is None else known[:, None]
        )
        return y[:, 0], state

    def _run(
        self, where: str, x: Tensor, state: Any, valid: Tensor | Any, known: Tensor | Any
    ) -> tuple[Tensor, InfiniState]:
        options.check_flags(where, "valid", valid, x, "where a token counts")
        options.check_flags(where, "known", known, x, "where the token's key came before")
        options.check_asked(where, known, self.asks_known, self.access.rule)
        if valid is not None:
            x = select(valid[..., None], x)  # not even NaN at padding is met again
        q = self.query(x).unflatten(-1, (self.groups, self.heads // self.groups, -1)).movedim(1, 3)
        k, v = (p(x).unflatten(-1, (self.groups, 1, -1)).movedim(1, 3) for p in (self.key, self.value))
        self._check(where, state, len(x), k)
        place = None
        if self.position == "rotary":
            count = min(self.segment, state.keys.shape[-2] + x.shape[1])
            place = partial(turned, by=turns(count, self.head_dim, self.base, k))
        made, state = advance(
            state,
            q,
            k,
            v,
            self.beta.to(v.dtype).sigmoid().reshape(self.groups, self.heads // self.groups, 1, -1),
            access=self.access,
            segment=self.segment,
            start=self.start,
            place=place,
            valid=None if valid is None else valid[:, None, None],
            known=None if known is None else known[:, None, None],
            detached=self.detached,
        )
        return self.out(made.movedim(3, 1).flatten(2)), state
