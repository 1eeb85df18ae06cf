"""Codes that copy more positions than the quadratic one counted from 0: by how much."""

from theory.claim import Claim
from theory.pointer.copy import FORMATS, VARIANT
from theory.pointer.source import POINTER

_ROUNDING = ("rounding to nearest, ties to even",)

centred = Claim(
    id="pointer/copy/centred",
    statement="Counting positions from the middle about doubles the frontier: N - D = F + L with ties to the first index and F "
    "+ L - 1 with ties to the last, F and L being the counts from 0 with those rules; no other centre does better.",
    formula="D = 1, wide sums, first/last: E5M2 7/6, E4M3FN 11/10, bf16 35/34, fp16 95/94, fp32 8195/8194, fp64 "
    "189812535/189812534",
    quantifier=f"for {FORMATS} and toy formats of precision 3..7, each path and tie rule, distance 1",
    hypotheses=("the centre is an integer, the same for all rows", *_ROUNDING),
    source=POINTER,
    variant=VARIANT,
    arithmetic=FORMATS,
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="squares are half as long; a mirror image exchanges the tie rules, so each side has the frontier of its own rule",
)

digits = Claim(
    id="pointer/copy/digits",
    statement="Two digits of j, a parabola for each, copy (2A+1)(2B+1) positions in four coordinates whenever A^2 + 2 B^2 <= "
    "2^p, about 1.4 2^p in place of 2^(p/2): 15 in E5M2, 25 in E4M3FN, 391 in bf16, 2967 in fp16, at every distance.",
    formula="q . k = y_1^2 + y_2^2 - (x_1-y_1)^2 - (x_2-y_2)^2,  |x_1| <= A,  |x_2| <= B",
    quantifier="for fp8, bf16 and toy precisions 3..7 (fp16 with the full budget), each path and tie rule, every row against all keys",
    hypotheses=_ROUNDING,
    source=POINTER,
    variant=VARIANT,
    arithmetic="fp8, bf16, fp16; each path",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="sums up to 2^p are exact, and a sum below -2^p stays below; two digits differ by at least 1 in one of them",
    argument="""
    A digit's product is even and at most 2 A^2 <= 2^(p+1), a square at most 2^p: held. Partial sums that are not
    beyond 2^p in magnitude are exact. The greatest is y_1^2 + 2 y_2 x_2 <= A^2 + 2 B^2 <= 2^p. One below -2^p is
    rounded to at most -2^p, rounding being monotone, and what follows adds at most B^2: at most B^2 - 2^p <= -A^2 -
    B^2, below the score of the wanted key. Where none is, the score is exact: y_1^2 + y_2^2 for the wanted key, at
    least 1 less for others, and both are held.
    """,
)

signs = Claim(
    id="pointer/copy/signs",
    statement="The d bits of j as signs, in query and key, copy all 2^d positions at every distance for d <= 2^p + 1 "
    "coordinates summed in order in the format, and not for d = 2^p + 2. So log2(N) coordinates do up to N = 2^(2^p + 1): "
    "512 in E5M2, 131072 in E4M3FN. Sign keys in fewer coordinates do not tell N positions apart.",
    formula="q . k = d - 2 (bits that differ)",
    quantifier="for fp8, bf16 and toy precision 2 (fp16 with the full budget), each tie rule; keys with one sign that differs are run, "
    "which by the argument decide all, and all keys in E5M2 and precisions 2 and 3",
    hypotheses=_ROUNDING,
    source=POINTER,
    variant=VARIANT,
    arithmetic="fp8, bf16, fp16; sums rounded to the format in order",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="integers up to 2^p are held; a sum at 2^p stays there (2^p + 1 goes to even), and one sign that differs leaves "
    "2^p - 1",
    argument="""
    Products are signs: exact. The score depends only on where the bits of j and m agree, and rounding is monotone: a
    pattern that disagrees wherever another one does scores no more. Every wrong key disagrees where some key with one
    disagreement does, so these decide. (Fewer disagreements elsewhere may score less: in precision 2 with 9 signs a
    last one loses more than the first two.)
    For d <= 2^p their sums are d - 2 against d, exact. For d = 2^p + 1 the wanted key stays at 2^p, one
    disagreement gives 2^p - 1. For d = 2^p + 2 a disagreement in the first place gives 2^p, a tie with the key
    whose first bit differs, older or newer: each rule loses one. Keys that are signs in fewer than log2(N)
    coordinates coincide for two positions, which then score alike in every row.
    """,
)

floats = Claim(
    id="pointer/copy/floats",
    statement="In two coordinates a parabola through numbers of the format, not through integers, copies as many positions as "
    "there are numbers M 2^e with |M| < 2^h, h = p/2 rounded down, whose squares are in range: 33 in E5M2, 31 in "
    "E4M3FN, 511 in fp16, 2031 in bf16 (19 and 35 through integers); the exponents count, which the quadratic code "
    "wastes.",
    formula="k = (x^2, x), q = (-1, 2 y): y^2 - (x-y)^2, and |x - y| >= the spacing at the larger",
    quantifier="for fp8 and fp16, each path and tie rule, and bf16 (one of each; all with the full budget), every row against all keys",
    hypotheses=_ROUNDING,
    source=POINTER,
    variant=VARIANT,
    arithmetic="fp8, bf16, fp16; each path",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the relative gap of neighbouring scores, 4^-h >= 2^-p, is the same at every scale, which is what a format "
    "resolves",
    argument="""
    x^2 and 2 x y have at most 2 h <= p bits and are in range: held. So the score is the rounded y^2 - (x-y)^2, once,
    and y^2 is held. With y = M 2^e, M >= 2^(h-1), no other number is nearer than 2^e, or 2^(e-1) below a power of
    two. Then the score of x is at most y^2 - 4^e, or y^2 - 4^(e-1) where y^2 = 4^(h-1+e): both are held, being y^2
    less one unit of its 2 h bits, so rounding, monotone, does not lift it to y^2. The smallest numbers have spacing
    2^e with fewer bits: the same. Scores go down to -3 x^2: beyond the range they are minus infinity, which loses; in
    E4M3FN, where they would be NaN, they reach -432 of -448.
    """,
)

newest_match = Claim(
    id="pointer/copy/newest-match",
    statement="Where ties go to the last index there is no frontier in N: a code of j mod M that is exact for M positions "
    "copies at every distance D < M at every length. So 12 signs copy at distance 2048 for ever, in E4M3FN, bf16 and "
    "wider formats, and in E5M2 with wide sums.",
    formula="p_i = the newest j <= i with j = i - D mod M = i - D, as D < M",
    quantifier="for every code exact on M positions in an arithmetic, all N, 0 <= D < M; run for 3 signs in fp8 to N = 3 M",
    hypotheses=("ties go to the last index; with ties to the first the same code fails at row M + D",),
    source=POINTER,
    variant=VARIANT,
    arithmetic="any format",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="keys of one residue have the same score to the last bit, so the tie rule picks the newest",
    argument="""
    Scores depend on residues alone. The wanted residue's score exceeds all others', by exactness on M positions.
    Among keys j <= i of the residue of i - D the newest is i - D: the next one is i - D + M > i. A row's verdict
    depends on i mod M, once i >= M - 1 and all residues are present; before, fewer keys compete. So rows to 2 M
    decide all N.
    """,
)

__all__ = ["centred", "digits", "floats", "newest_match", "signs"]
