"""What a reading of pointers says, and what it would say of pointers that know nothing."""

from theory.claim import Claim
from theory.pointer.source import LAYER, POINTER, POINTER_REPOSITORY

null_means = Claim(
    id="pointer/reading/null-means",
    statement="Over all N! causal pointer arrays the reading's mean hop, share of self-loops, number of targets and share that agrees "
    "between two inputs average to the exact statistics of the uniform null: (N-1)/4, H_N/N, (N+1)/2, H_N/N.",
    quantifier="for all N >= 1",
    source=POINTER,
    variant="rows independent, each uniform over the causal past",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="all arrays are equally likely under the null; row i of two inputs agrees with probability 1/(i+1)",
)

clusters = Claim(
    id="pointer/reading/clusters",
    statement="Under the uniform null the reading shows any cluster at all with probability at most its level, in however many "
    "layers, heads and sequences; a layer collapsed to one target shows one in every sequence, which holds all pointers.",
    formula="in-degree of j ~ sum_i Bernoulli(1/m_i) over rows with m_i > j;   cluster: P(in-degree >= c) <= level / tests",
    quantifier="for all N >= 1 (the collapsed layer: N >= 6 at level 1/100), levels in (0, 1)",
    source=POINTER,
    variant="targets that many point at",
    arithmetic="Q",
    paper="clusters",
    expected="confirmed",
    strength="exhausted",
    reason="a union bound over exact tails; all N rows meet at position 0 with probability 1/N!, at 6 less than 1/600",
)

printed_pair = Claim(
    id="pointer/reading/printed-pair",
    statement="The reading of a layer all of whose 512 positions point at the centre is the printed pair, 99.8 % and 128, exactly "
    "511/512 and 128; and shows a single target, a cluster of all, no change between inputs.",
    quantifier="for N = 512",
    source=POINTER_REPOSITORY,
    variant="pointer utilisation 99.8 %, average hop distance 128 tokens",
    arithmetic="fp64, exact here",
    paper="utilisation 99.8 %, hop 128",
    expected="confirmed",
    strength="exhausted",
    reason="hops 255, ..., 0, ..., 256 add up to 512 * 128, and 512 is a power of two",
)

specialisation_level = Claim(
    id="pointer/reading/specialisation-level",
    statement="Where layers are exchangeable, the permutation test for specialisation has p-value <= a with probability at most a; and "
    "layers that never share a hop get the smallest p-value there is.",
    formula="P(p <= a) <= a for every a;   p >= 1 / (L!)^(B-1) of L layers, B sequences",
    quantifier="for all L, B, N and laws of sequences whose layers are exchangeable",
    source=POINTER,
    variant="layer specialisation; Jensen-Shannon divergence of hop distributions",
    arithmetic="integers; a float that is the same for the same counts",
    paper="early layers hop 47-58, late ones up to 483",
    expected="confirmed",
    strength="exhausted",
    reason="given which pointers a sequence has, the orders of its layers are equally likely, and the p-value is a rank among them",
)

dependence = Claim(
    id="pointer/reading/dependence",
    statement="Changes and information are 0 for a layer whose pointers do not look at the input, and positive for "
    "an untrained layer that scores content.",
    quantifier="for the three layers named, twelve tokens",
    source=POINTER,
    variant=LAYER,
    arithmetic="fp64",
    paper="dynamic adaptation",
    expected="confirmed",
    strength="tested",
    reason="equal pointers are counted as equal, and a random layer has no reason to choose one position for two inputs",
)

untrained = Claim(
    id="pointer/reading/untrained",
    statement="An untrained layer has the mean hop (N-1)/4 and H_N self-loops of uniform pointers, if its query map is gaussian and "
    "the rows, a position's own among its candidates, are independent of one law: a mean over initialisations and inputs.",
    formula="s_i = X a, a = W_k^T W_q x_i: its direction is independent of X, so argmax_{j <= i} is uniform on 0..i",
    quantifier="for all N >= 1",
    hypotheses=("rows of the input i.i.d. without atoms", "W_q i.i.d. gaussian, independent of W_k", "no encoding"),
    source=POINTER,
    variant=LAYER,
    arithmetic="fp32",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="W_q x_i is |x_i| times a gaussian vector that does not depend on x, and |x_i| > 0 does not move the argmax; given the "
    "direction, scores of i.i.d. rows are exchangeable",
)

repeated_tokens = Claim(
    id="pointer/reading/untrained-tokens",
    statement="The same holds for rows that are embeddings of independent uniform tokens.",
    quantifier="for all N >= 1, vocabularies",
    hypotheses=("W_q i.i.d. gaussian, independent of W_k", "no encoding", "ties: first"),
    source=POINTER,
    variant=LAYER,
    arithmetic="fp32",
    paper="(ours)",
    expected="refuted",
    strength="tested",
    reason="a token that comes again has the same score, and of equal ones the first is taken: with V tokens row 1 points back with "
    "probability 1/2 + 1/(2V), not 1/2",
)
