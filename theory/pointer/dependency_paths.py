"""'2^K+ dependency paths', reading by reading: what K may be, what is counted, and whether '+' may mean at least or more."""

from theory.claim import Claim
from theory.pointer.reach import FIXED
from theory.pointer.source import POINTER_TOLD

_SAID = "2^K+ dependency paths"
_POSITIONS = "distinct positions that one output depends on"
_PATHS = "paths, those to the same position counted apart"

paths = Claim(
    id="pointer/paths/exactly-two-to-the-layers",
    statement="K the number of layers, paths counted apart, at least 2^K: true, and exactly 2^K whatever the pointers are.",
    formula="sum_j J_ij = 2^L for every output i, J = prod_l (I + P_l);  (H + 1)^L with H heads",
    quantifier="for all N >= 1, L >= 0, H >= 1 and all tables in which every position points at some position",
    hypotheses=(_PATHS, "residual connections"),
    source=POINTER_TOLD,
    variant=FIXED,
    arithmetic="integers",
    paper=_SAID,
    expected="confirmed",
    strength="derived",
    reason="a path chooses in every layer between staying and following",
    argument="""
    Row i of J after a layer is the sum of row i and of the rows the H heads gather, so if every row sum is T before it, every row
    sum is (H + 1) T after it; the identity has row sums 1. Nothing was asked of the pointers, but that they point somewhere: a
    head that points nowhere takes its paths away. Where some table has 2^L paths to fewer positions, see at-least-positions.
    """,
)

at_least_positions = Claim(
    id="pointer/paths/at-least-positions",
    statement="K the number of layers, positions counted, at least 2^K if there are that many positions.",
    formula="|{j : J_ij > 0}| >= 2^L for every output, if N >= 2^L",
    quantifier="for all N >= 2^L, L >= 1, all pointer tables",
    hypotheses=(_POSITIONS, "residual connections"),
    source=POINTER_TOLD,
    variant=FIXED,
    arithmetic="integers",
    paper=_SAID,
    expected="refuted",
    strength="exhausted",
    reason="a position that points at itself gathers what it has: one position by two paths; 2^L is the most, not the least",
)

more_positions = Claim(
    id="pointer/paths/more-positions",
    statement="K the number of layers, positions counted, more than 2^K for some pointers.",
    formula="max over tables of |{j : J_ij > 0}| > 2^L",
    quantifier="for all L >= 1, from some N on; the check takes N = 2^L + 1, the least that could do",
    hypotheses=(_POSITIONS, "residual connections"),
    source=POINTER_TOLD,
    variant=FIXED,
    arithmetic="integers",
    paper=_SAID,
    expected="refuted",
    strength="exhausted",
    reason="one gather joins two positions, and never three; the bound of reach/residual is over all N",
)

more_paths = Claim(
    id="pointer/paths/more-paths",
    statement="K the number of layers, paths counted apart, more than 2^K for some pointers.",
    formula="max over tables of sum_j J_ij > 2^L",
    quantifier="for all L >= 1, from some N on",
    hypotheses=(_PATHS, "residual connections"),
    source=POINTER_TOLD,
    variant=FIXED,
    arithmetic="integers",
    paper=_SAID,
    expected="refuted",
    strength="exhausted",
    reason="there are exactly 2^L whatever the pointers are: two for one layer",
)


def _another(name: str, what: str, letter: str, reason: str) -> Claim:
    """K read as something that is no number of layers."""
    return Claim(
        id=f"pointer/paths/{name}",
        statement=f"K the {what}: at least 2^K positions for some pointers, however many layers there are.",
        formula=f"max over tables of |{{j : J_ij > 0}}| >= 2^{letter}, for L = 1 already",
        quantifier=f"for all {letter} >= 1, L >= 1, N >= 2^{letter}",
        hypotheses=(_POSITIONS, "residual connections"),
        source=POINTER_TOLD,
        variant=FIXED,
        arithmetic="integers",
        paper=f"{_SAID}; K the {what}",
        expected="refuted",
        strength="exhausted",
        reason=reason,
    )


width = _another(
    "width",
    "feature dimension",
    "d",
    "a row is gathered whole: one layer joins two positions, whatever its width; 2 < 2^2",
)
candidates = _another(
    "candidates", "number of candidates", "K", "of K candidates one is selected: one layer joins two positions; 2 < 2^2"
)
heads = _another(
    "heads", "number of pointer heads", "H", "H heads add H positions to the own one, not a factor 2^H; 3 < 2^2"
)

__all__ = ["at_least_positions", "candidates", "heads", "more_paths", "more_positions", "paths", "width"]
