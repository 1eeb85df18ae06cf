"""A stream of tokens, cut into segments: what is kept between two calls, and how a call goes on from it.

A token attends to the tokens of its own segment up to itself, and reads the memory of all segments before. Keys and values of a
full segment are written when the next token comes, then kept no longer; `close` writes them at once. A call may begin and end anywhere
in a segment: how a stream is cut into calls changes no segment, so that one call over everything, calls of any lengths, and a token a
call are the same function.

    A = g A_mem + (1 - g) A_dot                              g = sigmoid of the gate, in (0, 1)
    start "local"   g = 0 until a first segment is written   the read of an empty memory is skipped
    start "gated"   g from the first token on                an empty memory reads 0, so the first segment is (1 - g) A_dot

Everything is over arrays of `constructions.arrays`: with rational features and a rational kernel for A_dot exact in Q.
Source: Munkhdalai, Faruqui, Gopal, arXiv 2404.07143, equations 4 to 10; what is kept, and the conventions, are written out here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from jaxtyping import Shaped

from constructions.arrays import Array, batch_shape, cast_like, is_tensor, join_time, select, undisturbed, zeros
from constructions.layers.infini_attention.access import Access
from constructions.layers.infini_attention.local import local_attention
from constructions.layers.infini_attention.means import Means
from constructions.layers.infini_attention.memory import Memory
from constructions.layers.kernels import Kernel

__all__ = ["InfiniState", "advance", "begin", "close"]


class InfiniState(NamedTuple):
    """The memory of the segments before, and the open segment: its t tokens, t at most a segment.

    matrix `(*batch, d, m)` and normaliser `(*batch, d)` or None: M and z, or rows and log z; see `memory` and `means`.
    stored `(*tokens,)`: how many tokens were written, int64; `*tokens` broadcasts to `*batch`.
    keys `(*batch, t, d)`, values `(*batch, t, m)`: of the open segment, not turned by any position.
    valid `(*tokens, t)`: which of these count, `(*tokens, 0)` for all. known `(*tokens, t)`: whose keys came before, `(*tokens, 0)` for
    none.
    """

    matrix: Any
    normaliser: Any
    stored: Any
    keys: Any
    values: Any
    valid: Any
    known: Any

    def detach(self) -> InfiniState:
        """The same numbers, from which no gradient flows back."""
        return InfiniState(*(part.detach() if is_tensor(part) else part for part in self))


def begin(memory: Memory | Means, like: Array, tokens: tuple[int, ...] = ()) -> InfiniState:
    """No token yet, nothing but this memory `(*batch, d, m)`, for keys and values of the dtype and on the device of `like`."""
    *batch, d, m = memory[0].shape
    keys, values = zeros((*batch, 0, d), like=like), zeros((*batch, 0, m), like=like)
    flags = zeros((*tokens, 0), like=like) != 0
    return InfiniState(memory[0], memory[1], flags.sum(-1), keys, values, flags, flags)


def advance(
    state: InfiniState,
    q: Shaped[Any, "*#batch T d"],
    k: Shaped[Any, "*#batch T d"],
    v: Shaped[Any, "*#batch T m"],
    gate: Any,
    *,
    access: Access,
    segment: int,
    start: str = "local",
    kernel: Kernel | None = None,
    place: Callable[[Array, int], Array] | None = None,
    valid: Any = None,
    known: Any = None,
    detached: bool = False,
) -> tuple[Shaped[Any, "*batch T m"], InfiniState]:
    """The outputs A of T more tokens, and the state after them; the one before is left alone.

    gate: g, broadcasting to `(*batch, 1, m)`. access: how the memory is read and written. start: "local" or "gated". kernel: of
    A_dot, see `local`. place: (rows, position of the first in the segment) -> rows turned for A_dot. valid, known `(*tokens, T)`.
    detached: no gradient flows from a segment into the memory it reads.

    Work O(T d m) of the memory and O(T C (d + m)) of A_dot, C the segment; memory of one segment besides arguments and results.
    """
    rows = [zeros((*batch_shape((q, 2), (k, 2)), 0, v.shape[-1]), like=v)]
    done, tokens = 0, k.shape[-2]
    while done < tokens:
        if state.keys.shape[-2] == segment:
            state = close(state, access, detached=detached)
        held = state.keys.shape[-2]
        now = slice(done, done + min(segment - held, tokens - done))
        q_now = q[..., now, :]
        flags = [None if each is None else each[..., now] for each in (valid, known)]
        state = _appended(state, k[..., now, :], v[..., now, :], *flags)
        there = (q_now, state.keys) if place is None else (place(q_now, held), place(state.keys, 0))
        local = local_attention(*there, state.values, kernel, _some(state.valid))
        rows.append(_mixed(state, access, gate, q_now, local, start))
        done = now.stop
    return join_time(rows), state


def close(state: InfiniState, access: Access, *, detached: bool = False) -> InfiniState:
    """The open segment written into the memory, full or not: the next token begins a new one. No open token changes nothing."""
    count = state.keys.shape[-2]
    if not count:
        return state
    valid = _some(state.valid)
    keys, values = (cast_like(x, state.matrix) for x in (state.keys, state.values))
    with undisturbed(values):
        matrix, normaliser = access.write(_memory(state, access), keys, values, valid=valid, known=_some(state.known))
    stored = state.stored + (count if valid is None else valid.sum(-1))
    rest = (state.keys[..., :0, :], state.values[..., :0, :], state.valid[..., :0], state.known[..., :0])
    made = InfiniState(matrix, normaliser, stored, *rest)
    return made.detach() if detached else made


def _memory(state: InfiniState, access: Access) -> Memory | Means:
    return (Means if access.kept == "means" else Memory)(state.matrix, state.normaliser)


def _some(flags: Array) -> Any:
    """The flags of an open segment that has tokens, None for those that say nothing."""
    return flags if flags.shape[-1] else None


def _mixed(state: InfiniState, access: Access, gate: Any, q: Array, local: Array, start: str) -> Array:
    with undisturbed(q):
        recalled = cast_like(access.read(_memory(state, access), cast_like(q, state.matrix)), local)
    if start == "local":
        gate = select((state.stored > 0)[..., None, None], gate)
    return gate * recalled + (1 - gate) * local


def _appended(state: InfiniState, k: Array, v: Array, valid: Any, known: Any) -> InfiniState:
    held = state.keys.shape[-2]
    flags = (
        _flags(state.valid, held, valid, k.shape[-2], True),
        _flags(state.known, held, known, k.shape[-2], False),
    )
    if not held:
        return InfiniState(*state[:3], k, v, *flags)
    return InfiniState(*state[:3], join_time([state.keys, k]), join_time([state.values, v]), *flags)


def _flags(old: Array, held: int, new: Any, count: int, usual: bool) -> Array:
    """Flags of old and new tokens together; nothing said stands for the usual."""
    if new is None and not old.shape[-1]:
        return old
    parts = []
    for each, length in ((old, held), (new, count)):
        if each is None or not each.shape[-1]:
            said = zeros((*old.shape[:-1], length), like=old)
            each = ~said if usual else said
        parts.append(each[..., None])
    return join_time(parts)[..., 0]
