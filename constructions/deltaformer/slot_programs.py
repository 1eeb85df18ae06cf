"""Slot programs: swaps compiled to tokens (key slot, write slot), and what they do by plain algebra on slots.

Every slot holds a number (or a vector of them). A token (k, w) with value v produces u and stores it under k:

    sum       u = v - slot_w,   slot_k := slot_k + u     kernel = 1 for equal slots, else 0: the exponential kernel, cold
    pointer   u = v - slot_w,   slot_k := u              the query sees the newest equal key alone: softmax, cold

Two templates exchange slots a and b and leave every other slot as it was:

    CLEAN_SWAP     8 tokens, temporaries c and d that must hold 0 before and hold 0 after, sum semantics
    POINTER_SWAP   4 tokens, one temporary c that may hold anything, pointer semantics

Slots are numbered: 0..n-1, then the temporaries, then the sink (pointer semantics only: a token that comes first and holds
0, at which writes look), then junk, the key of readers, at which nothing looks: n + 3 in both cases. Derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Int

from theory.permutations import Permutation
from theory.programs import SwapProgram

__all__ = ["CLEAN_SWAP", "POINTER_SWAP", "Semantics", "SlotTokens", "Template", "decode", "matrix"]

Semantics = Literal["sum", "pointer"]


def matrix(tokens: Sequence[tuple[int, int]], slots: int, semantics: Semantics) -> Int[np.ndarray, "slots slots"]:
    """The integer matrix by which tokens without values act on the contents of that many slots; O(tokens * slots)."""
    state = np.eye(slots, dtype=np.int64)
    for key, write in tokens:
        state[key] = (state[key] if semantics == "sum" else 0) - state[write]
    return state


@dataclass(frozen=True)
class Template:
    """The tokens of one swap over the names a, b and those of the temporaries, as pairs (key, write).

    clean: whether the temporaries must hold 0 before, and then hold 0 after. Nothing is checked here; `require` does.
    """

    tokens: tuple[tuple[str, str], ...]
    temporaries: tuple[str, ...]
    semantics: Semantics
    clean: bool

    @property
    def names(self) -> tuple[str, ...]:
        return ("a", "b", *self.temporaries)

    @property
    def indices(self) -> tuple[tuple[int, int], ...]:
        """The tokens as numbers: a = 0, b = 1, temporaries from 2 on."""
        return tuple((self.names.index(key), self.names.index(write)) for key, write in self.tokens)

    @property
    def extra_slots(self) -> int:
        """Slots beyond the n of the task: temporaries, sink, junk."""
        return len(self.temporaries) + (self.semantics == "pointer") + 1

    def fault(self) -> str:
        """'' when the template exchanges a and b (and leaves its temporaries clean when they must be), else what it does."""
        made = matrix(self.indices, len(self.names), self.semantics)
        seen = made[:, :2] if self.clean else made
        for slot, wanted in (("a", "b"), ("b", "a")):
            row = seen[self.names.index(slot)]
            if not np.array_equal(row, np.eye(len(self.names), dtype=np.int64)[self.names.index(wanted)][: len(row)]):
                return f"slot {slot} ends with {self._told(row)}, not with {wanted}"
        for slot in self.temporaries if self.clean else ():
            row = seen[self.names.index(slot)]
            if row.any():
                return f"temporary {slot} ends with {self._told(row)}; the next swap needs it clean, that is 0"
        return ""

    def _told(self, row: Any) -> str:
        terms = [
            f"{'+' if x > 0 else '-'} {'' if abs(x) == 1 else abs(x)}{name}"
            for x, name in zip(row, self.names, strict=False)
            if x
        ]
        return " ".join(terms).removeprefix("+ ") or "0"

    def require(self) -> None:
        """Raise ValueError unless the template is a swap whose temporaries are clean where they must be."""
        fault = self.fault()
        if fault:
            program = " ".join(f"({key} {write})" for key, write in self.tokens)
            raise ValueError(f"slot program {program}, {self.semantics} semantics: {fault}")

    def __str__(self) -> str:
        return " ".join(f"({key} {write})" for key, write in self.tokens)


CLEAN_SWAP = Template(
    tokens=(("a", "b"), ("c", "a"), ("a", "a"), ("d", "b"), ("a", "d"), ("b", "c"), ("c", "c"), ("d", "d")),
    temporaries=("c", "d"),
    semantics="sum",
    clean=True,
)

POINTER_SWAP = Template(
    tokens=(("a", "a"), ("c", "b"), ("b", "a"), ("a", "c")), temporaries=("c",), semantics="pointer", clean=False
)


@dataclass(frozen=True)
class SlotTokens:
    """Compiled tokens: key and write slots `(*batch, T)`, and the content each token carries `(T,)`, -1 for none."""

    n: int
    keys: Int[np.ndarray, "*batch time"]
    writes: Int[np.ndarray, "*batch time"]
    values: Int[np.ndarray, " time"]
    template: Template

    @staticmethod
    def compile_batch(
        n: int, swaps: Int[np.ndarray, "batch length 2"], template: Template, readers: bool = False
    ) -> SlotTokens:
        """Tokens of many programs: the sink, a write a slot, the template once a swap, and with `readers` a reader a slot.

        T = n + tokens * length, + 1 with a sink, + n with readers. A swap of a slot with itself has no place in a batch,
        as its tokens would clear the slot: ValueError, as for a slot out of range.
        """
        batch, length = swaps.shape[0], swaps.shape[1]
        bad = ((swaps < 0) | (swaps >= n)).any(axis=2) | (swaps[..., 0] == swaps[..., 1])
        if bad.any():
            row, token = (int(i) for i in np.argwhere(bad)[0])
            pair = tuple(swaps[row, token].tolist())
            raise ValueError(f"program {row}, swap {token} is {pair}: two different slots of 0..{n - 1} are needed")
        temporaries = np.broadcast_to(
            n + np.arange(len(template.temporaries)), (batch, length, len(template.temporaries))
        )
        places = np.concatenate([swaps, temporaries], axis=2)
        body = places[:, :, np.array(template.indices, dtype=np.int64).reshape(-1, 2)].reshape(batch, -1, 2)
        slots = np.arange(n)
        sink, junk = n + len(template.temporaries), n + template.extra_slots - 1
        pointer = template.semantics == "pointer"
        head = np.stack([slots, np.full(n, sink) if pointer else slots], axis=1)
        if pointer:
            head = np.concatenate([[[sink, sink]], head])
        tail = np.stack([np.full(n, junk), slots], axis=1) if readers else np.zeros((0, 2), dtype=np.int64)
        whole = np.concatenate([np.broadcast_to(x, (batch, *x.shape[-2:])) for x in (head, body, tail)], axis=1)
        values = np.full(whole.shape[1], -1)
        values[int(pointer) : int(pointer) + n] = slots
        return SlotTokens(n, whole[..., 0], whole[..., 1], values, template)

    @staticmethod
    def compile(program: SwapProgram, template: Template, readers: bool = False) -> SlotTokens:
        """Tokens of one program; a swap of a slot with itself compiles to none."""
        swaps = np.array(program.proper, dtype=np.int64).reshape(1, -1, 2)
        made = SlotTokens.compile_batch(program.n, swaps, template, readers)
        return SlotTokens(program.n, made.keys[0], made.writes[0], made.values, template)

    @property
    def slots(self) -> int:
        """How many slots there are in all, so many codes are needed."""
        return self.n + self.template.extra_slots

    @property
    def length(self) -> int:
        """T."""
        return int(self.keys.shape[-1])

    @property
    def contents(self) -> Int[np.ndarray, "time n"]:
        """v_t: the unit vector of the content the token carries, else zero; int64."""
        return (self.values[:, None] == np.arange(self.n)).astype(np.int64)

    def interpret(self) -> Int[np.ndarray, "*batch time n"]:
        """u of every token, by the algebra of slots alone: column x is what becomes of content x. The oracle, int64."""
        u, _ = self._run()
        return u

    def slot_contents(self) -> Int[np.ndarray, "*batch n n"]:
        """Row j: what slot j holds after the last token, by the algebra of slots."""
        _, state = self._run()
        return state[..., : self.n, :]

    def _run(self) -> tuple[np.ndarray, np.ndarray]:
        batch = self.keys.shape[:-1]
        keys, writes = self.keys.reshape(-1, self.length), self.writes.reshape(-1, self.length)
        rows = np.arange(len(keys))
        state = np.zeros((len(keys), self.slots, self.n), dtype=np.int64)
        u = np.zeros((len(keys), self.length, self.n), dtype=np.int64)
        for t, value in enumerate(self.contents):
            u[:, t] = value - state[rows, writes[:, t]]
            held = state[rows, keys[:, t]] if self.template.semantics == "sum" else 0
            state[rows, keys[:, t]] = held + u[:, t]
        return u.reshape(*batch, self.length, self.n), state.reshape(*batch, self.slots, self.n)

    def depths(self) -> Int[np.ndarray, "*batch time"]:
        """How many tokens back u_t goes in pointer semantics: 0 for the sink, else 1 + the depth of the token it sees."""
        batch = self.keys.shape[:-1]
        keys, writes = self.keys.reshape(-1, self.length), self.writes.reshape(-1, self.length)
        rows = np.arange(len(keys))
        newest = np.full((len(keys), self.slots), -1)
        depth = np.zeros(keys.shape, dtype=np.int64)
        for t in range(self.length):
            depth[:, t] = newest[rows, writes[:, t]] + 1
            newest[rows, keys[:, t]] = depth[:, t]
        return depth.reshape(*batch, self.length)


def decode(read: Any, margin: Any = 0.5) -> Permutation:
    """The contents from a read-out `(n, n)`: row j has one entry above `margin`, which names what slot j holds.

    Raises ValueError naming the slot whose reading is no content.
    """
    contents = []
    for slot, row in enumerate(np.asarray(read).tolist()):
        above = [x for x, value in enumerate(row) if value > margin]
        if len(above) != 1:
            shown = ", ".join(f"{float(value):.3g}" for value in row)
            raise ValueError(f"slot {slot} reads ({shown}): {len(above)} contents exceed {float(margin):g}, not one")
        contents.append(above[0])
    return tuple(contents)
