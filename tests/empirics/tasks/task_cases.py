"""What every task is tried on: at small and at large lengths, with the parameters that change its form."""

from empirics.tasks import TASKS, Passkey, Reachability, SwapTracking, Task
from empirics.tasks.graphs import FAMILIES

CASES: dict[str, Task] = {
    **TASKS,
    "swaps-2": SwapTracking(2, reads=1),
    **{
        f"reach-{family}-{tokens}-shuffled": Reachability(family, tokens, names=12, order="shuffled")
        for family in FAMILIES
        for tokens in ("edges", "nodes")
    },
    **{f"passkey-at-{depth}": Passkey(2, 5, depth) for depth in (0, 50, 100)},
}


def lengths(task: Task) -> list[int]:
    """The shortest, one in between, and one far beyond, as far as the task goes."""
    most = min(8 * task.shortest + 40, task.longest or 10**6)
    return sorted({task.shortest, min(task.shortest + 7, most), most})
