"""How few tokens exchange two slots whose keys are codes of single slots: what is impossible, and the table of minima."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

ALGEBRAS = ("positive", "positive-rows", "signed", "signed-rows", "pointer")
"""What a token can do, see `constructions.deltaformer.slot_algebra`."""

STARTS, SIGNS = ("clean", "dirty"), ("exact", "free")


@dataclass(frozen=True)
class Cell:
    """One question of the table.

    start: "clean" temporary slots are empty before and after, so that programs can follow each other; "dirty" ones hold
    anything before and after. signs: the two contents arrive as they were ("exact"), or each up to its sign ("free").

    Raises ValueError for a name or number that no cell has.
    """

    algebra: str
    temporaries: int
    start: str = "clean"
    signs: str = "exact"

    def __post_init__(self) -> None:
        for what, value, known in (
            ("algebra", self.algebra, ALGEBRAS),
            ("start", self.start, STARTS),
            ("signs", self.signs, SIGNS),
        ):
            if value not in known:
                raise ValueError(f"cell of the table: {what} = {value!r}; one of {', '.join(known)}")
        if not 0 <= self.temporaries <= 4:
            raise ValueError(f"cell of the table: {self.temporaries} temporary slots; give 0..4")

    def __str__(self) -> str:
        signs = "exact signs" if self.signs == "exact" else "signs free"
        return f"{self.algebra}, {self.temporaries} temporary, {self.start}, {signs}"


Table = dict[tuple[str, str, str], tuple[int | None, ...]]

MINIMAL: Table = {
    ("positive", "clean", "exact"): (None, None, 8, 8),
    ("positive", "clean", "free"): (None, 5, 5, 5),
    ("positive", "dirty", "exact"): (None, None, 8),
    ("positive", "dirty", "free"): (None, 5, 5),
    ("positive-rows", "clean", "exact"): (None, None, 6, 6),
    ("positive-rows", "clean", "free"): (None, 4, 4, 4),
    ("positive-rows", "dirty", "exact"): (None, None, 4, 4),
    ("positive-rows", "dirty", "free"): (None, 3, 3, 3),
    ("signed", "clean", "exact"): (None, 5, 5, 5),
    ("signed", "clean", "free"): (3, 3, 3, 3),
    ("signed", "dirty", "exact"): (None, 5, 5, 5),
    ("signed", "dirty", "free"): (3, 3, 3, 3),
    ("signed-rows", "clean", "exact"): (None, 4, 4),
    ("signed-rows", "clean", "free"): (3, 3, 3),
    ("signed-rows", "dirty", "exact"): (None, 3, 3),
    ("signed-rows", "dirty", "free"): (3, 3, 3),
    ("pointer", "clean", "exact"): (None, 5, 5, 5),
    ("pointer", "clean", "free"): (None, 4, 4, 4),
    ("pointer", "dirty", "exact"): (None, 4, 4, 4),
    ("pointer", "dirty", "free"): (None, 3, 3, 3),
}
"""Least number of tokens by number of temporary slots 0, 1, 2, ...; None: no program as long as was searched."""

SEARCHED = {"positive": 8, "positive-rows": 6, "signed": 7, "signed-rows": 5, "pointer": 60}
"""How many tokens were tried before a cell is given None."""


def cells(*algebras: str) -> Iterator[Cell]:
    """The cells of the table for these algebras, fewest temporary slots first."""
    for temporaries in range(4):
        for (algebra, start, signs), lengths in MINIMAL.items():
            if algebra in algebras and temporaries < len(lengths):
                yield Cell(algebra, temporaries, start, signs)


def claimed_length(cell: Cell) -> int | None:
    """What the table says of a cell."""
    return MINIMAL[cell.algebra, cell.start, cell.signs][cell.temporaries]


def printed(*algebras: str) -> str:
    """The rows of the table for these algebras."""
    lines = [f"{'tokens with 0, 1, 2, ... temporary slots':<44}"]
    for (algebra, start, signs), lengths in MINIMAL.items():
        if algebra in algebras:
            row = ", ".join("-" if x is None else str(x) for x in lengths)
            lines.append(f"{algebra:<14} {start} temporaries, signs {signs}:  {row}")
    return "\n".join(line.rstrip() for line in lines)


_SLOT_VARIANT = (
    "u_t = v_t - beta_t sum_{i<t} kappa(k_i, w_t) u_i; kappa not normalised; every key the code of one slot, w free"
)

no_temporary = Claim(
    id="deltaformer/minimal-programs/no-temporary",
    statement="Without a temporary slot, and when no token weighs its own key with more than 1, no program of any length "
    "exchanges two slots, nor makes any other odd permutation of n slots.",
    formula="det(I - beta e_k w^T) = 1 - beta w_k >= 0 for beta w_k <= 1;   det of an odd permutation = -1",
    quantifier="for all n >= 2, all lengths, all kernels and writes with beta_t kappa(k_t, w_t) <= 1, values 0, 1 and -1, 0, 1 "
    "at beta = 1 among them",
    hypotheses=("keys are codes of single slots", "head dimension enough for n distinct codes and no further key"),
    source=DELTAFORMER,
    variant=_SLOT_VARIANT,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the determinant of a token is 1 minus the weight of its own key, so it is never negative, and a swap has -1",
    argument="""
    Let row j of S be the sum of the u_i whose key is the code of slot j, and w_j the weight beta kappa(r_j, w) which a token
    gives to it. A token with key r_k and value v maps S to (I - e_k w^T) S + e_k (x) v. After a program S becomes G S + C, with
    G the product of the I - e_k w^T. If that is P S for all S, P a permutation matrix, then C = 0 (take S = 0) and G = P.
    Determinants: with k a column and w a row,
        [[I, 0], [w, 1]] [[I, k], [0, 1 - w k]] = [[I, k], [w, 1]] = [[I - k w, k], [0, 1]] [[I, 0], [w, 1]],
    block identities in non-commuting symbols k, w, so for every n. Block triangular matrices have the product of their
    diagonal blocks' determinants, hence 1 - w k = det(I - k w). For k = e_k that is 1 - w_k >= 0. So det G >= 0, and det P = -1
    for an odd P. Values 0, 1 give factors 1 or 0; values -1, 0, 1 give 2, 1 or 0.
    """,
)

one_temporary = Claim(
    id="deltaformer/minimal-programs/one-temporary",
    statement="With a kernel that is nowhere negative and one temporary slot, empty at the start or not, no program of any length "
    "exchanges two slots with their signs right, nor makes any other odd permutation of n slots.",
    formula="minors of maximal order change by adj(I - e_k w^T)^T = (1 - w_k) I + w e_k^T >= 0 entry by entry",
    quantifier="for all n >= 2, all lengths, all kernels and writes with kappa >= 0, 0 <= beta_t kappa(r_j, w_t), "
    "beta_t kappa(k_t, w_t) <= 1",
    hypotheses=("keys are codes of n slots and of one temporary slot",),
    source=DELTAFORMER,
    variant=_SLOT_VARIANT,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the n + 1 signed minors of the (n + 1) x n state begin as (0, ..., 0, 1) and are only ever added up with weights that "
    "are not negative; a swap asks for -1",
    argument="""
    As before a program acts on the (n + 1) x n matrix M of contents by a product of I - e_k w^T, now with all w_j >= 0 and
    w_k <= 1. If the temporary slot starts empty, M starts as the identity over a row of zeros. (A program that works for
    whatever the temporary slot holds works when it is empty.) Let nu_j(M) be (-1)^{n+1-j} times the minor of M without row j.
    By the Cauchy-Binet formula nu(G M) = adj(G)^T nu(M) for square G. Now
        (I - k w) ((1 - w k) I + k w) = (1 - w k) I,
    an identity in non-commuting symbols k, w with w k a scalar; so adj(I - k w) = (1 - w k) I + k w, first where
    det = 1 - w k is not zero, then everywhere, as both sides are polynomials. For k = e_k its transpose is (1 - w_k) I + w e_k^T,
    which has no negative entry. At the start nu = (0, ..., 0, 1), so nu never gets a negative entry. After an odd permutation of
    the n slots the last entry, the minor of the n slots themselves, would be -1.
    """,
)

_TABLE = {
    "source": DELTAFORMER,
    "arithmetic": "integers",
    "paper": "(ours)",
    "expected": "confirmed",
    "strength": "exhausted",
    "hypotheses": (
        "keys are codes of single slots; beta = 1; values only at the start",
        "clean temporaries are empty before and after, dirty ones hold anything before and after",
        "signs free: each of the two contents arrives up to its sign",
    ),
}

non_negative_table = Claim(
    id="deltaformer/minimal-programs/non-negative-kernel",
    statement="With kernel values 0 and 1 the least number of tokens that exchange two slots is 8, with two temporary slots, when w "
    "is one code; with any w it is 6, and 4 when temporaries may be dirty. Table in the formula.",
    formula="one code: row k := row k - row w;  any w: row k := row k - a sum of rows\n" + printed(*ALGEBRAS[:2]),
    quantifier="for each cell of the table; '-' is no program of at most 8 tokens (one code), 6 tokens (any w)",
    variant=f"{_SLOT_VARIANT}; kappa in {{0, 1}}",
    reason="one temporary slot cannot do by one-temporary; with two the sign is mended by going through a copy of the negative",
    **_TABLE,
)

signed_table = Claim(
    id="deltaformer/minimal-programs/signed-kernel",
    statement="With kernel values -1, 0 and 1 the least number of tokens that exchange two slots is 5, with one temporary slot, when w "
    "is one code or minus it; with any w it is 4, and 3 when the temporary may be dirty. Up to signs 3 do without any.",
    formula="one code: row k := row k -+ row w;  any w: row k := row k - a signed sum of rows\n"
    + printed(*ALGEBRAS[2:4]),
    quantifier="for each cell of the table; '-' is no program of at most 7 tokens (one code), 5 tokens (any w)",
    variant=f"{_SLOT_VARIANT}; kappa in {{-1, 0, 1}}",
    reason="three additions turn the plane by a quarter, a swap up to one sign; the last sign needs a slot to go through",
    **_TABLE,
)

pointer_table = Claim(
    id="deltaformer/minimal-programs/pointer",
    statement="When the most recent match has all the weight, the least number of tokens that exchange two slots is 4 with one dirty "
    "temporary slot, 5 with a clean one and a sink, one fewer up to signs, and none do without a temporary.",
    formula="row k := - row w, or := 0 when w matches the sink\n" + printed("pointer"),
    quantifier="for each cell of the table; '-' is no program of any length, the states being finite in number",
    variant="u_t = v_t - beta_t sum_{i<t} p_ti u_i, p_t a softmax in the limit in which the most recent match has weight 1",
    reason="three copies through a temporary exchange two slots and leave one sign wrong, which a copy of a slot to itself mends",
    **_TABLE,
)
