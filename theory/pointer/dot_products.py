"""Scores that are dot products: in the plane no pairs are needed; what is known in more dimensions is cited."""

from theory.claim import Claim, Source
from theory.pointer.source import POINTER

rank_two = Claim(
    id="pointer/work/rank-two-scores",
    statement="With scores q_i . k_j in the plane all pointers are found with at most 3 N (L + 2) comparisons, L = ceil(log2 N), and "
    "causal ones with at most 3/2 N L (L + 2), ties included.",
    formula="comparisons <= 3 N (L(N) + 2);  causal <= 3/2 N L(N) (L(N) + 2)",
    quantifier="for all N; here pointers for N <= 8, comparisons for N <= 128, in the full budget 256",
    hypotheses=("among equal scores the earliest candidate wins",),
    source=POINTER,
    variant="convex hull of the keys, binary search by direction; causal by halves of the sequence",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="sorting N keys takes N L, the hull 4 N turns, sorting its edges N L, each query L + 2; by halves, L levels of N/2 keys and "
    "N/2 queries each",
)

orthogonal_vectors = Claim(
    id="pointer/work/finds-orthogonal-vectors",
    statement="One layer of dot-product pointers decides whether some a_i and b_j of two sets of 0-1 vectors are orthogonal: with "
    "q = a and k = -b some pointer has the score 0 exactly when they are, and N products of d terms read it off.",
    formula="max_j -(a_i . b_j) = 0 for some i  <=>  a_i . b_j = 0 for some i, j",
    quantifier="for all N and d, all sets of N vectors of d bits; here small ones",
    source=POINTER,
    variant="all positions of the other set are candidates; any tie rule",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="products of non-negative vectors are at least 0, so the largest of their negatives is 0 exactly when one of them is",
)


def _cited(name: str, statement: str, reason: str, source: Source, variant: str) -> Claim:
    return Claim(
        id=f"pointer/work/{name}",
        statement=statement,
        source=source,
        variant=variant,
        paper="(cited)",
        expected="undecided",
        strength="cited",
        reason=reason,
    )


seth_bound = _cited(
    "dot-products-conditional",
    "If the strong exponential time hypothesis holds, then for every e > 0 there is a c such that no algorithm decides in time "
    "O(N^(2-e)) whether two sets of N vectors of c log N bits have an orthogonal pair.",
    "a reduction from satisfiability under a hypothesis that nobody has proved; not decided here",
    Source(
        key="williams2005new",
        authors="Ryan Williams",
        title="A new algorithm for optimal 2-constraint satisfaction and its implications",
        year=2005,
        where="Theoretical Computer Science 348",
        status="recalled",
    ),
    "so, by finds-orthogonal-vectors, neither does exact selection by dot products in d = c log N dimensions, whatever it reads",
)

fixed_dimension = _cited(
    "dot-products-fixed-dimension",
    "For each fixed dimension d, exact selection by dot products takes time N^(2-e) for some e(d) > 0 falling to 0 as d grows.",
    "linear optimisation queries on point sets by partition trees; decided here for d = 2 alone, by construction",
    Source(
        key="matousek1993linear",
        authors="Jiri Matousek",
        title="Linear optimization queries",
        year=1993,
        where="Journal of Algorithms 14",
        status="recalled",
    ),
    "so the conditional bound needs a dimension that grows with N",
)
