"""Work of Pointer layers: O(NK) as stated, by what K may mean, and the layers for which it is true.

Counts are those of `theory.cost.pointer`, derived by hand and checked there against the layers; here they meet the bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

from theory.claim import Claim
from theory.cost import pointer as layers
from theory.cost.reference_layers import MODEL, LayerClaim
from theory.pointer.source import POINTER, POINTER_TOLD

__all__ = ["CountClaim"]


@dataclass(frozen=True)
class CountClaim(Claim):
    """count <= constant * bound, or for some constant where none is given; sizes in `fixed` are constants."""

    layer: str = ""
    count: str = ""
    bound: str = ""
    constant: str = ""
    fixed: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ("N", "d")


def _work(
    name: str, of: LayerClaim, bound: str, statement: str, reason: str, argument: str = "", **others
) -> CountClaim:
    """No stronger than what is known of the formula: where that was tested at sizes, so is what follows from it."""
    constant, paper = others.get("constant", ""), others.pop("paper", "(ours)")
    expected = others.pop("expected", "confirmed")
    count = others.pop("count", of.costs.work)
    known = str(of.strength).lower()
    derived = known == "derived"  # symbols that run through a layer stand for sizes of at least 2
    known += ": sizes of 1 only tested" if derived and constant else ""
    return CountClaim(
        id=f"pointer/work/{name}",
        statement=statement,
        formula=f"{count} <= {constant or 'c'} ({bound})",
        quantifier=others.pop(
            "quantifier", f"for all sizes {'of at least 2' if derived and not constant else 'from 1 on'}"
        ),
        source=POINTER_TOLD if paper.startswith("O(") else POINTER,
        variant=f"{of.layer.replace('_', ' ')}; {MODEL}",
        arithmetic="counts, exact; log to base 2",
        paper=paper,
        expected=expected,
        strength="tested" if not derived else "certified" if constant else "derived",
        reason=reason,
        argument=argument or "Every term of the count is compared with the bound; the count is a sum of so many terms.",
        layer=of.layer,
        count=count,
        bound=bound,
        assumptions=(f"the layer has the formula, which is {of.id} ({known})",),
        **others,
    )


as_stated = _work(
    "as-stated",
    layers.pointer_all,
    "N",
    "A layer in which every position points at the best of all positions works in O(NK), K a constant, at a given width.",
    "every pair of positions is scored: 2 N^2 d, and 8 N^2 to choose",
    argument="At fixed d and growing N the count is at least 2 N^2 d, beyond every multiple of N.",
    paper="O(NK), K << N",
    expected="refuted",
    fixed=("d",),
)

feature_dimension = _work(
    "feature-dimension",
    layers.pointer_all,
    "N*d",
    "A layer in which every position points at the best of all positions works in O(NK), K the feature dimension: O(Nd).",
    "2 N^2 d is N times as much, whatever d",
    argument="At fixed d and growing N the count is at least 2 N^2 d, beyond every multiple of N d.",
    paper="O(NK), K the feature dimension",
    expected="refuted",
)

with_maps = _work(
    "as-stated-with-maps",
    layers.pointer_all,
    "N*d**2 + N*d",
    "A layer in which every position points at the best of all positions works in O(Nd) besides its maps, O(Nd^2) with them.",
    "the maps 22 N d^2 leave 2 N^2 d",
    argument="At fixed d and growing N the count is at least 2 N^2 d, beyond every multiple of N d^2 + N d.",
    paper="O(Nd) per layer",
    expected="refuted",
)

quadratic = _work(
    "all-positions",
    layers.pointer_all,
    "N**2*d + N*d**2",
    "Pointing at the best of all positions works in at most 61/2 (N^2 d + N d^2).",
    "2 + 8 + 22 + 22 + 2 + 5 at N = d = 1 against 2, and every term is within",
    constant="61/2",
)

window = _work(
    "window",
    layers.pointer_window,
    "N*K*d + N*d**2",
    "Pointing into a window of K positions works in at most 65/2 (N K d + N d^2): linear in N, the maps' d^2 included.",
    "22 + 22 + 2 + 5 + 3 + 10 + 1 at N = d = K = 1 against 2, and every term is within",
    constant="65/2",
    sizes=("N", "d", "K"),
)

window_narrow = _work(
    "window-without-maps",
    layers.pointer_window,
    "N*K*d",
    "Pointing into a window of K positions works in O(NKd), as the texts have it, without a term in d^2.",
    "queries, keys, gate and the FFN are maps of d to d and more: 22 N d^2",
    argument="At fixed K and N and growing d the count is at least 22 N d^2, beyond every multiple of N K d.",
    paper="O(Nd) per layer",
    expected="refuted",
    sizes=("N", "d", "K"),
)

strides = _work(
    "strides",
    layers.pointer_strides,
    "N*K*d + N*d**2",
    "Pointing at itself or 1, 2, 4, ..., 2^(K-1) back works in O(N K d + N d^2): linear in N for every fixed K.",
    "K + 1 candidates a position",
    sizes=("N", "d", "K"),
)

strides_covering = _work(
    "strides-covering",
    layers.pointer_strides,
    "N*d*log(N) + N*d**2",
    "With as many strides as cover all distances below N, K = ceil(log2 N), the work is O(N log N d + N d^2).",
    "the sum of the strides 2^b, b < K, is 2^K - 1, so all distances below N need 2^K >= N",
    count=layers.pointer_strides.costs.work.replace("K", "L(N)"),
    quantifier="for all N of at least 2, all d",
)

strides_covering_linear = _work(
    "strides-covering-linear",
    layers.pointer_strides,
    "N*d**2",
    "With as many strides as cover all distances below N the work is still linear in N.",
    "3 N L(N) d grows beyond every multiple of N",
    argument="At fixed d and growing N the count is at least 3 N d L(N), beyond every multiple of N d^2.",
    count=layers.pointer_strides.costs.work.replace("K", "L(N)"),
    quantifier="for all N of at least 2, all d",
    paper="(a tempting reading)",
    expected="refuted",
)

buckets = _work(
    "buckets",
    layers.pointer_buckets,
    "N*K*d + N*d**2",
    "Pointing at one of the K last positions of the same bucket, found by sorting, works in O(N K d + N d^2).",
    "sorting N positions by bucket takes N L(N), more than N K d in the long run",
    argument="At fixed d and K and growing N the count is at least N L(N), beyond every multiple of N K d + N d^2.",
    paper="(a tempting reading)",
    expected="refuted",
    sizes=("N", "d", "K"),
)

buckets_sorted = _work(
    "buckets-sorted",
    layers.pointer_buckets,
    "N*K*d + N*d**2 + N*log(N)",
    "Pointing at one of the K last positions of the same bucket, found by sorting, works in O(N K d + N d^2 + N log N).",
    "the sort is the only term that is not linear in N",
    sizes=("N", "d", "K"),
)

previous = _work(
    "previous-pointers",
    layers.pointer_previous,
    "N*K*d + N*d**2",
    "Pointing where the previous layer's pointers lead, K candidates, works in O(N K d + N d^2).",
    "each candidate is a gather of N numbers, its key one of N d",
    sizes=("N", "d", "K"),
)

additive = _work(
    "additive",
    layers.pointer_additive,
    "N*d**2",
    "Pointing at the best of all positions by scores a_i + b_j works in O(N d^2): linear in N.",
    "a running maximum in place of N^2 sums; the maps stay",
)
