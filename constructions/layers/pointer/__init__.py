"""The Pointer layer: every position points at one position and reads its row.

`PointerBlock` is a layer, `PointerModel` a language model of them. What a position may point at: `AllPositions`, `Window`, `Strides`,
`Buckets`, `PreviousPointers`, `Listed`. How the target is chosen and trained: `select`, `read`.

Of equal scores the first (or last) position is the target. Scores are equal as computed: over all positions repeated tokens can score
differently in the last bits, so that decoding may point at another of them than the whole sequence does; see `scoring`.
"""

from constructions.layers.pointer.block import Pointed, PointerBlock
from constructions.layers.pointer.buckets import Buckets
from constructions.layers.pointer.candidates import (
    AllPositions,
    Candidates,
    Listed,
    PreviousPointers,
    Strides,
    Window,
    powers_of_two,
)
from constructions.layers.pointer.decoding import PointerState
from constructions.layers.pointer.module import Followed, PointerModel, shifted_loss
from constructions.layers.pointer.selection import select

__all__ = [
    "AllPositions",
    "Buckets",
    "Candidates",
    "Followed",
    "Listed",
    "Pointed",
    "PointerBlock",
    "PointerModel",
    "PointerState",
    "PreviousPointers",
    "Strides",
    "Window",
    "powers_of_two",
    "select",
    "shifted_loss",
]
