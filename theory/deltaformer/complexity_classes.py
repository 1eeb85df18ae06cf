"""What tracking and reachability are hard for: two facts about S5, decided here, and class memberships, cited only."""

from theory.claim import Claim, Source
from theory.deltaformer.source import DELTAFORMER

s5_in_four_swaps = Claim(
    id="deltaformer/classes/s5-in-four-swaps",
    statement="A layer that tracks five slots under swaps computes products of elements of S5, four tokens an element at most: every "
    "element is a product of at most four swaps, and some are of no fewer.",
    formula="swaps needed = 5 - number of cycles",
    quantifier="for all 120 elements of S5",
    source=DELTAFORMER,
    variant="Theorem A's tokens, head dimension 5",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="a swap joins or splits cycles, so it takes n minus the number of cycles; a cycle of five needs four",
)

s5_not_solvable = Claim(
    id="deltaformer/classes/s5-not-solvable",
    statement="S5 is not solvable: commutators of even permutations of five things make all even permutations again.",
    formula="[A5, A5] = A5",
    quantifier="S5",
    source=DELTAFORMER,
    variant="the hypothesis of the cited theorem on word problems",
    arithmetic="permutations",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="A5 is simple and not commutative; S4 has a chain of normal subgroups with commutative quotients, so five is the least",
)


def _cited(name: str, statement: str, reason: str, source: Source, variant: str) -> Claim:
    return Claim(
        id=f"deltaformer/classes/{name}",
        statement=statement,
        source=source,
        variant=variant,
        paper="(cited)",
        expected="undecided",
        strength="cited",
        reason=reason,
    )


s5_word_problem = _cited(
    "s5-word-problem-nc1",
    "The word problem of S5, the product of a sequence of its elements, is complete for NC1.",
    "a theorem about circuits, known for every finite group that is not solvable; not decided here",
    Source(
        key="barrington1989bounded",
        authors="David A. Mix Barrington",
        title="Bounded-width polynomial-size branching programs recognize exactly those languages in NC1",
        year=1989,
        where="Journal of Computer and System Sciences 38",
        status="recalled",
    ),
    "so a layer of Theorem A or D, one token a swap or four, solves an NC1-complete problem",
)

log_precision_transformers = _cited(
    "log-precision-transformers-tc0",
    "What a Transformer of fixed depth computes with logarithmic precision lies in uniform TC0.",
    "a theorem about circuits that simulate the layers; not decided here",
    Source(
        key="merrill2023parallelism",
        authors="William Merrill, Ashish Sabharwal",
        title="The Parallelism Tradeoff: Limitations of Log-Precision Transformers",
        year=2023,
        where="Transactions of the Association for Computational Linguistics 11",
        status="recalled",
    ),
    "so, unless TC0 = NC1, no such Transformer tracks five slots at every length",
)

reachability_nl = _cited(
    "reachability-nl",
    "Reachability in directed acyclic graphs given as a topologically sorted list of edges is complete for NL.",
    "a theorem about logarithmic space; not decided here",
    Source(
        key="jones1975space",
        authors="Neil D. Jones",
        title="Space-bounded reducibility among combinatorial problems",
        year=1975,
        where="Journal of Computer and System Sciences 11",
        status="recalled",
    ),
    "so a layer whose inverse counts paths solves an NL-complete problem",
)

triangular_inverse_tc1 = _cited(
    "triangular-inverse-tc1",
    "One layer, its numbers of polynomially many bits, is computed in TC1.",
    "the inverse is a product of ceil(log2 T) matrices, and iterated sums and products of integers lie in TC0; the second part is "
    "a theorem about circuits that is not decided here",
    Source(
        key="hesse2002uniform",
        authors="William Hesse, Eric Allender, David A. Mix Barrington",
        title="Uniform constant-depth threshold circuits for division and iterated multiplication",
        year=2002,
        where="Journal of Computer and System Sciences 65",
        status="recalled",
    ),
    "(I - N)^{-1} as a product of I + N^(2^j)",
)
