"""The printed pointer statistics against pointers that know nothing."""

from theory.claim import Claim
from theory.pointer.source import POINTER

_UTILISATION = (
    "utilisation is the share of positions that do not point at themselves, as a public version of the code counts it"
)
_MEAN = "the mean hop is over all positions, a pointer to itself counting 0"
_LENGTH = "N = 512, the length at which that version cuts sequences"
_PAIR = "pointer utilisation 99.8 %, average hop distance 128 tokens"

null_statistics = Claim(
    id="pointer/printed-pointers/null-statistics",
    statement="Nine nulls have these exact statistics for every N: uniform over the causal past (N-1)/4 mean hop, H_N self-loops, "
    "(N+1)/2 targets; over earlier positions (N-1)(N+2)/(4N), 1, N/2; over all (N^2-1)/(3N), 1, N(1-(1-1/N)^N); shared scores "
    "(N-1)/4, H_N, H_N; and five that are deterministic.",
    formula="theory.pointer.nulls",
    quantifier="for all N >= 1 (earlier positions, previous: targets for N >= 2)",
    source=POINTER,
    variant="expectations over the null's law",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="rows are simple; a new row adds its own hop, and finds its target unvisited with a probability that the count so far gives",
    argument="""
    Causal nulls grow by one row, row N, which leaves the others alone; let T, S, D be the expectations of total hop, self-loops and
    distinct targets with N rows. Then T(N+1) - T(N) and S(N+1) - S(N) are the row's own, and a row that points uniformly at m
    positions, among them all D visited ones, finds an unvisited one with probability 1 - D/m given them, so
        D(N+1) = D(N) + 1 - D(N)/m.
    uniform_causal: m = N + 1, hop N/2, self 1/(N+1); all visited targets lie in 0..N. uniform_before: m = N, hop (N+1)/2, self 0,
    for N >= 1. shared_scores: the row's law is uniform over 0..N by exchangeability, so hop and self are those of uniform_causal, and
    the target is new exactly when it is the row itself, probability 1/(N+1). previous: hop 1, self 0, one new target from N = 2 on;
    first: hop N, self 0, none new; own: hop 0, self 1, one new. half_way and centre have total floor(N^2/4): the hops of half_way
    are ceil(i/2), each of 1..m twice, or m once if N = 2m; it points at itself only at row 0, and at 0..floor((N-1)/2). centre,
    c = floor((N-1)/2), has total (c(c+1) + (N-1-c)(N-c)) / 2. Both are m^2 for N = 2m and m(m+1) for N = 2m + 1.
    uniform_all: rows are independent, each misses a position with probability 1 - 1/N; its total is 1/N times the sum of |i - j| over
    all pairs, W(N) = N(N^2-1)/3, and W(N+1) - W(N) = 2 (1 + ... + N) = N(N+1).
    Every closed form meets its step and its value at the start.
    """,
)

collapse_excluded = Claim(
    id="pointer/printed-pointers/collapse-excluded",
    statement="A layer with the printed utilisation and mean hop is not collapsed: no single target for all positions has them.",
    quantifier="for every target 0, ..., 511",
    hypotheses=(_UTILISATION, _MEAN, _LENGTH),
    source=POINTER,
    variant=_PAIR,
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a layer all of whose pointers meet at the centre has one self-loop, 511/512 = 99.80 %, and mean hop N/4 = 128 exactly",
)

which_null = Claim(
    id="pointer/printed-pointers/which-null",
    statement="Of the nine nulls three print the pair 99.8 %, 128 at N = 512: all at the centre, and half-way back, both exactly "
    "511/512 and 128; and uniform over earlier positions, 128.25. Uniform over the causal past gives 98.7 %, uniform over all 170.7, "
    "all at the first 255.5.",
    quantifier="for the nine nulls",
    hypotheses=(_UTILISATION, _MEAN, _LENGTH),
    source=POINTER,
    variant=_PAIR,
    arithmetic="Q",
    paper="utilisation 99.8 %, hop 128",
    expected="confirmed",
    strength="exhausted",
    reason="one self-loop in 512 is 99.80 %, while H_512 = 6.8 are 98.67 %; N/4 = 128, (N-1)(N+2)/(4N) = 128.25",
)

expected_positions = Claim(
    id="pointer/printed-pointers/expected-positions",
    statement="Pointers read off as the expected position under a uniform law, cut to an integer, have mean hop floor(N^2/4) / N and "
    "one self-loop, whether the law is over all positions (all meet at the centre) or over the causal past (half-way back).",
    formula="floor(mean of 0..N-1) = floor((N-1)/2);  floor(mean of 0..i) = floor(i/2)",
    quantifier="for all N >= 1",
    hypotheses=(
        "the scores of a row are one number repeated, as where a public version takes a softmax over one logit expanded along the row: "
        "softmax makes the law uniform, whatever was learnt",
    ),
    source=POINTER,
    variant="p_i = floor(sum_j softmax(s_i)_j j)",
    arithmetic="Z",
    paper="utilisation 99.8 %, hop 128",
    expected="confirmed",
    strength="derived",
    reason="both sequences of hops count up in steps of two or down and up; their sums are the quarter square",
    argument="""
    Softmax of equal scores is uniform over the n places it covers, and its mean over 0..n-1 is (n-1)/2: n = N for all rows, or
    n = i + 1 for row i. Hops over all positions: |c - i| with c = floor((N-1)/2), that is 0..c below and 1..N-1-c above; over the
    causal past: i - floor(i/2) = ceil(i/2). Written for N = 2m and N = 2m + 1 both sums are m^2 and m (m + 1), floor(N^2/4):
    four identities in m, from 1 + ... + x = x(x+1)/2. Only i = c, and only i = 0, is its own target.
    """,
)

longest_hop = Claim(
    id="pointer/printed-pointers/longest-hop",
    statement="A longest hop of 483 is longer than chance: uniform pointers over the causal past have one with probability <= 5 %.",
    formula="P(max hop >= 483) = 1 - 483^29 483! / 512! = 0.586 in one layer",
    quantifier="for one layer and one sequence of N = 512",
    hypotheses=("N = 512 (not said beside the number)", "rows independent"),
    source=POINTER,
    variant="hops up to 483 in later layers",
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="29 rows reach back 483 places and each may do so; more than half of all sequences have such a hop, and more layers "
    "and sequences only add to it",
)

early_hops = Claim(
    id="pointer/printed-pointers/early-hops",
    statement="Mean hops of 47 to 58 in early layers are no chance of independent uniform pointers: for each of the three uniform "
    "nulls a mean of at most 58.5 has probability below 10^-20; and no deterministic null has such a mean.",
    formula="Hoeffding: P(sum of hops <= total - s) <= exp(-2 s^2 / sum_i r_i^2), r_i the range of hop i",
    quantifier="for N = 512, the eight nulls with independent rows",
    hypotheses=("N = 512 (not said beside the numbers)", "rows independent"),
    source=POINTER,
    variant="mean hop 47-58 in early layers",
    arithmetic="R",
    paper="early hops 47-58",
    expected="confirmed",
    strength="certified",
    reason="69 tokens below the mean of 512 hops that vary by at most 512 each: the exponent is at least 54; 20 log 10 = 46",
)
