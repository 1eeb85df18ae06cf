"""How many scores must be read to know every pointer, when scores are arbitrary."""

from theory.claim import Claim
from theory.pointer.source import POINTER, POINTER_TOLD

_READS = "an algorithm reads scores one at a time, chooses the next by those read, and returns p_i for every position i"
_HYPOTHESES = (
    "scores are arbitrary: any table can occur, as q_i . k_j with d >= N makes any",
    "among equal scores the earliest candidate wins, always; or the latest, always",
)

ARGUMENT = """
    *Flip.* Suppose row i has two candidates or more and cell (i, j) is not read. The answer names some a in row i. If a != j, let s_ij
    be the largest other score of the row and one more: now j alone is best. If a = j, let s_ij be the smallest other score less one:
    now another is best. What was read is the same, so the algorithm says the same, and is wrong on one of the two tables. So on
    *every* table every cell of a row with two candidates or more is read. A row with one candidate needs no read, one with none
    has no pointer; reading all others is enough.
    *Bounded scores.* With scores from two values 0 < 1 only, an algorithm may stop at a 1 on some tables. But take, in every row of
    two candidates or more, 1 at the candidate the tie rule likes least and 0 elsewhere: each single flip changes the answer, a 0 to
    a 1 since the tie goes to the flipped one, the 1 to a 0 since all tie and another is liked more. On this table nothing may be
    left unread.
    *Count.* The rows with two candidates or more are all N rows of N (N >= 2), rows of 2, ..., N or rows of 2, ..., N - 1:
        N^2;   N (N + 1)/2 - 1;   N (N - 1)/2 - 1 (N >= 2; none for N = 1).
    """

reads_needed = Claim(
    id="pointer/work/reads-needed",
    statement="To know every pointer exactly N^2 scores must be read when all positions are candidates, N(N+1)/2 - 1 when those up "
    "to the position itself are, N(N-1)/2 - 1 when those before it are; in the worst case of two values, on every table when scores "
    "are unbounded.",
    formula="sum over the rows with two candidates or more of their candidates",
    quantifier="for all N >= 2",
    hypotheses=_HYPOTHESES,
    source=POINTER,
    variant=_READS,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="one unread score, raised or lowered, changes the answer; only a row with a single candidate needs no reading",
    argument=ARGUMENT,
)

constant_reads = Claim(
    id="pointer/work/as-stated-reads",
    statement="K scores a position are enough to know every pointer, for some K that does not depend on N, whatever the table of "
    "scores; any table occurs when d >= N. For narrower rows this says nothing.",
    formula="reads <= N K",
    quantifier="for all N; here K = 1, 2 and, by growth, every K",
    hypotheses=(*_HYPOTHESES, "positions j <= i are candidates"),
    source=POINTER_TOLD,
    variant=_READS,
    arithmetic="integers; all tables of scores, as d >= N makes them",
    paper="O(NK), K << N",
    expected="refuted",
    strength="exhausted",
    reason="N(N+1)/2 - 1 > N K from N = 2K on (3 for K = 1), whichever scores the algorithm chooses to read",
    argument=ARGUMENT,
)
