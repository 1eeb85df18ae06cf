"""The programs on which interleaved accumulators fail first. Derived here; see `theory.accumulators`.

One content x goes up (into slot a) whenever the chosen lane looks and down (into slot b) on the swap before; on all other
swaps it rests while two other slots are exchanged. Its write gives the lane 1, every visit 2 more, so the lane holds
2^p + 1 after 2^(p-1) visits. The last swap is (a b): it reads the sum.
"""

from __future__ import annotations

from theory.programs import SwapProgram


def lane_filling_program(lanes: int, swaps: int) -> SwapProgram:
    """The program of that many swaps for that many lanes; n = 2 slots for two lanes, else max(3, lanes - 1).

    Raises ValueError for fewer than 2 lanes or 1 swap.
    """
    if lanes < 2 or swaps < 1:
        raise ValueError(f"lanes = {lanes}, swaps = {swaps}: at least 2 lanes and 1 swap")
    n = 2 if lanes == 2 else max(3, lanes - 1)
    a = (n + 1) % lanes
    b = (a + 1) % n
    rest = tuple(slot for slot in range(n) if slot not in (a, b))
    made = [(a, b) if step % lanes < 2 else (b, rest[0]) for step in range(swaps - 1)]
    return SwapProgram(n, [*made, (a, b)])
