"""The trusted checker: re-verifies certificates from their numbers, with the standard library alone.

    python -I -S theory/checker.py [--json] FILE...

A certificate is a JSON file {"weightproof": 1, "kind": ..., "claim": ..., "data": {...}}. `claim` is a label and is not
believed. What acceptance means, by kind:

swap-tracking    The operator u_t = v_t - beta_t sum_{i<t} <k_i, w_t> u_i with the weights in the file is run on n writes
                 (token j carries the unit vector e_j as value) and then on the tokens of S swaps (which carry no value).
                 After the writes, and again after the tokens of each swap, query j reads o_j = sum_i <k_i, q_j> u_i =
                 e_c, c being the content of slot j after the swaps so far when slot j starts with content j. The
                 operator is linear in V and the e_j are linearly independent, so with any other contents x_j in place
                 of the e_j query j reads x_c: it is true for all contents. The queries are the same throughout; that a
                 swap's tokens depend on that swap alone is not checked.
path-counts      With the weights in the file, and v_t = e_t, the operator's u_t[s] is the number of directed paths from
                 the node of token s to that of token t in the multigraph of the file (parallel edges apart, the empty
                 path included), hence positive exactly when that node is reachable. The file lists all counts.
inequality       left < right (or <=) between two expressions in rationals, + - * / neg pow exp log cos, over the reals.
negative-form    The rationals c_0, ..., c_{n-1} sum to 0 and sum_ij c_i c_j b(|i - j|) < 0, b(0), ..., b(n-1) being the expressions
                 of the file: b is not conditionally positive definite on n positions.
positive-symbol  Every even b on the integers that has the file's values b(0), ..., b(D+1), and whose second differences a(d) =
                 2 b(d) - b(d+1) - b(d-1) beyond d = D are in size together at most `rest`, is conditionally positive definite:
                 a(0) + 2 sum a(d) cos(d w) >= 0 for all w, since it exceeds |sum_k q_k e^{ikw}|^2, q being the file's factor.
determinant      The matrix of rationals has the determinant stated.
rank             The matrix has rank r: the minor named is not zero (rank >= r) and left * right, with r columns in
                 left, is the matrix (rank <= r).
growth           count <= constant * bound for all integer sizes >= start that satisfy left <= right for each pair in
                 `where`: expressions in the sizes, rationals, + * pow, L(x) = the least natural k with 2^k >= x, up2(x) =
                 2^L(x), log2, floor(p, q) = the floor of p/q, min and max. The proof in the file divides the sizes into
                 cases; in each it replaces sizes and operations by their bounds plus slacks >= 0, by the facts listed at
                 `STEPS`, until a polynomial without negative coefficients is left.

Numbers are JSON integers or strings "p/q" in lowest terms, q > 1, in plain ASCII digits. Indices count from 0. A sparse
row is a list of [index, number] with increasing indices and no zeros. Anything else is rejected, with a reason from
`REASONS`. The checker reads files, computes with Python's integers and writes lines; it imports nothing of anyone's and
runs nothing a file names. It bounds file size, nesting, digits, steps, the size of integers, time and memory.
"""

import json
import os
import re
import stat
import sys
from fractions import Fraction
from math import gcd
from typing import NamedTuple

MAX_BYTES = 32 << 20
MAX_DEPTH = 64
MAX_DIGITS = 4000
MAX_BITS = 1 << 20
MAX_STEPS = 20_000_000
MAX_SECONDS = 60
MAX_MEMORY = 4 << 30
MAX_PRECISION = 4096
MAX_EXPONENT = 4096

REASONS = {
    "not-a-file": "the path is not a regular file that can be read",
    "too-large": "the file is larger than the limit",
    "not-utf8": "the bytes are not UTF-8, or begin with a byte order mark",
    "too-deep": "brackets nest deeper than the limit",
    "not-json": "the text is not JSON",
    "duplicate-key": "an object has a key twice",
    "float": "a number has a point or an exponent, or is NaN or Infinity",
    "boolean": "true, false or null where nothing of the kind belongs",
    "too-many-digits": "a number has more digits than the limit",
    "padded-number": "a number is not in its one plain form: lowest terms, no padding, no sign of zero, ASCII digits",
    "not-a-number": "something else stands where a number belongs",
    "missing-field": "a field is missing",
    "unknown-field": "a field is not known",
    "unknown-version": "the field weightproof is not 1",
    "unknown-kind": "no rule checks this kind",
    "bad-claim": "the claim's label is not short lower-case ASCII",
    "shape": "a list has another length or nesting than the rule needs",
    "out-of-range": "an index or size is out of range",
    "unsorted-row": "a sparse row's indices do not increase, or it holds a zero",
    "improper-swap": "a swap names one slot twice; such a swap compiles to no token",
    "not-a-write": "one of the first n tokens does not carry its unit vector",
    "token-carries-value": "a swap token carries a value, so the statement would not hold for all contents",
    "not-topological": "the order is not a topological order of the edges",
    "unknown-operation": "an expression uses an operation that no rule knows",
    "domain": "a logarithm, quotient or power outside its domain, or not shown to be inside",
    "not-shown": "the proof given does not show that the bound holds",
    "undecided": "the enclosures overlap at the greatest precision",
    "time-limit": "the work exceeds the limit of steps or seconds",
    "memory-limit": "memory, or an integer, exceeds the limit",
    "wrong-readout": "FALSE: a slot does not read its content",
    "wrong-count": "FALSE: a value, a path count and the count in the file are not all the same",
    "false-inequality": "FALSE: the inequality does not hold",
    "sum-not-zero": "FALSE: the vector does not sum to zero",
    "not-negative": "FALSE: the form is not negative",
    "wrong-determinant": "FALSE: the determinant is another number",
    "wrong-rank": "FALSE: the minor vanishes, or the factors do not multiply to the matrix",
    "bound-exceeded": "FALSE: the count exceeds the bound where every size has its least value",
}


class Rejected(Exception):
    """A certificate is not accepted: a name from REASONS, and where."""

    def __init__(self, reason, detail):
        assert reason in REASONS
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


class Result(NamedTuple):
    """What the checker says of one file. `statement_false` tells a false statement from a file that cannot be used."""

    accepted: bool
    reason: str
    detail: str
    statement: str

    @property
    def statement_false(self):
        return REASONS.get(self.reason, "").startswith("FALSE")


class Budget:
    """Counts steps of arithmetic, so that the limit falls at the same place on every machine."""

    def __init__(self):
        self.left = MAX_STEPS

    def spend(self, steps=1):
        self.left -= steps
        if self.left < 0:
            raise Rejected("time-limit", f"more than {MAX_STEPS} steps of arithmetic")

    def product(self, a, b):
        """The steps of multiplying or dividing numbers of a and b bits, or of a gcd, by the methods of school."""
        a, b = a >> 6, b >> 6
        self.spend(1 + a + b + (a * b >> 8))

    def number(self, value):
        """The value, if it is of bearable size; pays for the gcd that brought it to lowest terms."""
        self.product(size(value), size(value))
        if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
            raise Rejected("memory-limit", f"an intermediate number has more than {MAX_BITS} bits")
        return value.numerator if value.denominator == 1 else value


def size(x):
    """The bits of a rational's numerator and denominator together."""
    return x.numerator.bit_length() + x.denominator.bit_length()


# --- reading -----------------------------------------------------------------------------------------------------------


def read_text(path):
    """The text of a regular file, of which never more than the limit and one byte is read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Rejected("not-a-file", "not a regular file")
        with open(path, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise Rejected("not-a-file", str(error)) from None
    if len(data) > MAX_BYTES:
        raise Rejected("too-large", f"more than {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejected("not-utf8", str(error)) from None
    if text.startswith("\ufeff"):
        raise Rejected("not-utf8", "the file begins with a byte order mark")
    return text


def parse(text):
    """JSON with the nesting scanned before parsing, and every liberty of Python's parser taken away."""
    depth, inside, position = 0, False, 0
    for match in re.finditer(r'\\.|["\[\]{}]', text, re.DOTALL):
        mark, position = match.group(), match.start()
        if mark == '"':
            inside = not inside
        elif not inside and mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Rejected("too-deep", f"nesting exceeds {MAX_DEPTH} at character {position}")
        elif not inside and mark in "]}":
            depth -= 1

    def pairs(items):
        made = dict(items)
        if len(made) < len(items):
            names = [name for name, _ in items]
            raise Rejected("duplicate-key", f"key {next(n for n in names if names.count(n) > 1)[:40]!r} appears twice")
        return made

    def integer(digits):
        if len(digits) > MAX_DIGITS:
            raise Rejected("too-many-digits", f"an integer of {len(digits)} characters")
        if digits == "-0":
            raise Rejected("padded-number", "-0")
        return int(digits)

    def no_float(literal):
        raise Rejected("float", f"{literal[:40]}")

    try:
        return json.loads(
            text, object_pairs_hook=pairs, parse_int=integer, parse_float=no_float, parse_constant=no_float
        )
    except (ValueError, RecursionError) as error:
        raise Rejected("not-json", str(error)) from None


NUMBER = re.compile(r"-?[1-9][0-9]*/[1-9][0-9]*", re.ASCII)


def number(value, where):
    """An integer, or a fraction in lowest terms with a denominator above 1."""
    if isinstance(value, bool) or value is None:
        raise Rejected("boolean", f"{where}: {json.dumps(value)}")
    if isinstance(value, int):
        return value
    if not isinstance(value, str):
        raise Rejected("not-a-number", f"{where}: {str(value)[:40]}")
    if not NUMBER.fullmatch(value):
        raise Rejected("padded-number", f"{where}: {value[:40]!r} is not p/q in plain digits")
    above, below = value.split("/")
    if max(len(above), len(below)) > MAX_DIGITS:
        raise Rejected("too-many-digits", f"{where}: a fraction of {len(value)} characters")
    p, q = int(above), int(below)
    if q == 1 or gcd(p, q) != 1:
        raise Rejected("padded-number", f"{where}: {value[:40]!r} is not in lowest terms with denominator above 1")
    return Fraction(p, q)


def index(value, below, where, least=0):
    """An integer in least..below-1."""
    if isinstance(value, bool) or value is None:
        raise Rejected("boolean", f"{where}: {json.dumps(value)}")
    if not isinstance(value, int):
        raise Rejected("not-a-number", f"{where}: {str(value)[:40]} is no integer")
    if not least <= value < below:
        raise Rejected("out-of-range", f"{where}: {value} is not in {least}..{below - 1}")
    return value


def listed(value, where, length=None):
    """A list, of the length named."""
    if not isinstance(value, list):
        odd = isinstance(value, bool) or value is None
        raise Rejected("boolean" if odd else "shape", f"{where}: not a list")
    if length is not None and len(value) != length:
        raise Rejected("shape", f"{where}: {len(value)} entries, not {length}")
    return value


def fields(value, names, where):
    """An object with just these fields, in the order asked."""
    if not isinstance(value, dict):
        raise Rejected("shape", f"{where}: not an object")
    for name in names:
        if name not in value:
            raise Rejected("missing-field", f"{where}: {name}")
    for name in value:
        if name not in names:
            raise Rejected("unknown-field", f"{where}: {name[:40]!r}")
    return [value[name] for name in names]


def operation(value, arities, where):
    """A list that begins with a name and has as many operands as the name takes; 0 is for one or more."""
    if not listed(value, where) or not isinstance(value[0], str) or value[0] not in arities:
        raise Rejected("unknown-operation", f"{where}: {str(value[:1])[:40]}")
    if len(value) - 1 != (arities[value[0]] or max(len(value) - 1, 1)):
        raise Rejected("shape", f"{where}: {value[0]} of {len(value) - 1} operands")
    return value


def sparse(value, rows, columns, where):
    """Sparse rows as dictionaries index -> number."""
    made = []
    for t, row in enumerate(listed(value, where, rows)):
        entries, last = {}, -1
        for pair in listed(row, f"{where}[{t}]"):
            i, x = listed(pair, f"{where}[{t}] entry", 2)
            i, x = index(i, columns, f"{where}[{t}]"), number(x, f"{where}[{t}]")
            if i <= last or x == 0:
                raise Rejected("unsorted-row", f"{where}[{t}] at index {i}")
            entries[i] = x
            last = i
        made.append(entries)
    return made


def dense(value, rows, columns, where):
    """A dense matrix as lists of numbers; `rows` or `columns` None means as the file has it, at least 1."""
    matrix = listed(value, where, rows)
    if rows is None and not matrix:
        raise Rejected("shape", f"{where}: no rows")
    width = len(listed(matrix[0], f"{where}[0]")) if columns is None and matrix else columns
    if columns is None and not width:
        raise Rejected("shape", f"{where}: no columns")
    return [[number(x, f"{where}[{t}]") for x in listed(row, f"{where}[{t}]", width)] for t, row in enumerate(matrix)]


# --- the operator ------------------------------------------------------------------------------------------------------


def forward_substitution(k, w, v, beta, budget):
    """u_t = v_t - beta_t sum_{i<t} <k_i, w_t> u_i over sparse rows. Keys are found by coordinate: only tokens that share
    a coordinate with w_t have a nonzero inner product with it, so no other token is looked at."""
    holders = {}
    u = []
    for t, row in enumerate(w):
        inner = {}
        for c, x in row.items():
            for i in holders.get(c, ()):
                budget.spend()
                inner[i] = inner.get(i, 0) + k[i][c] * x
        made = dict(v[t])
        for i, a in inner.items():
            add_scaled(made, u[i], -beta[t] * a, budget)
        u.append(made)
        for c in k[t]:
            holders.setdefault(c, []).append(t)
    return u


def add_scaled(total, row, factor, budget):
    """total += factor * row, zeros left out."""
    if factor == 0:
        return
    for c, x in row.items():
        value = budget.number(total.get(c, 0) + factor * x)
        if value == 0:
            total.pop(c, None)
        else:
            total[c] = value


MAX_SIZE = 1 << 16


def check_swap_tracking(data, budget):
    names = ("slots", "swaps", "tokens_per_swap", "key_dimension", "k", "w", "v", "beta", "queries")
    n, swaps, per, d, k, w, v, beta, queries = fields(data, names, "data")
    n, per = index(n, MAX_SIZE, "slots", 1), index(per, MAX_SIZE, "tokens_per_swap", 1)
    d = index(d, MAX_SIZE, "key_dimension")
    for s, swap in enumerate(listed(swaps, "swaps")):
        a, b = (index(slot, n, f"swaps[{s}]") for slot in listed(swap, f"swaps[{s}]", 2))
        if a == b:
            raise Rejected("improper-swap", f"swaps[{s}] = ({a} {b})")
    tokens = n + per * len(swaps)
    k, w, v = sparse(k, tokens, d, "k"), sparse(w, tokens, d, "w"), sparse(v, tokens, n, "v")
    beta = [number(x, f"beta[{t}]") for t, x in enumerate(listed(beta, "beta", tokens))]
    queries = sparse(queries, n, d, "queries")
    for t in range(tokens):
        if t < n and v[t] != {t: 1}:
            raise Rejected("not-a-write", f"token {t} does not carry e_{t}")
        if t >= n and v[t]:
            raise Rejected("token-carries-value", f"token {t}")
    u = forward_substitution(k, w, v, beta, budget)
    contents, read = list(range(n)), [{} for _ in range(n)]
    for t in range(tokens):
        for j, query in enumerate(queries):
            budget.spend(1 + len(query))
            add_scaled(read[j], u[t], sum(x * k[t][c] for c, x in query.items() if c in k[t]), budget)
        done, inside = divmod(t + 1 - n, per)
        if done < 0 or inside:
            continue
        if done:
            a, b = swaps[done - 1]
            contents[a], contents[b] = contents[b], contents[a]
        for j in range(n):
            if read[j] != {contents[j]: 1}:
                shown = ", ".join(f"{clipped(x)} e_{c}" for c, x in sorted(read[j].items())[:4])
                raise Rejected(
                    "wrong-readout", f"after {done} swaps slot {j} reads {shown or 0}, its content is e_{contents[j]}"
                )
    return f"{n} slots are read right after each of {len(swaps)} swaps, for all contents ({tokens} tokens, key dimension {d})"


def check_path_counts(data, budget):
    names = ("nodes", "edges", "order", "key_dimension", "k", "w", "beta", "counts")
    n, edges, order, d, k, w, beta, counts = fields(data, names, "data")
    n, d = index(n, MAX_SIZE, "nodes"), index(d, MAX_SIZE, "key_dimension")
    place = [-1] * n
    for t, node in enumerate(listed(order, "order", n)):
        node = index(node, n, f"order[{t}]")
        if place[node] >= 0:
            raise Rejected("not-topological", f"node {node} is listed twice")
        place[node] = t
    parents = [[] for _ in range(n)]
    for e, edge in enumerate(listed(edges, "edges")):
        x, y = (index(node, n, f"edges[{e}]") for node in listed(edge, f"edges[{e}]", 2))
        if place[x] >= place[y]:
            raise Rejected("not-topological", f"edge {x} -> {y} goes from place {place[x]} to place {place[y]}")
        parents[y].append(x)
    k, w, counts = sparse(k, n, d, "k"), sparse(w, n, d, "w"), sparse(counts, n, n, "counts")
    beta = [number(x, f"beta[{t}]") for t, x in enumerate(listed(beta, "beta", n))]
    paths = {}
    for y in order:
        paths[y] = {y: 1}
        for x in parents[y]:
            add_scaled(paths[y], paths[x], 1, budget)
    u = forward_substitution(k, w, [{t: 1} for t in range(n)], beta, budget)
    for t, y in enumerate(order):
        value = {order[s]: x for s, x in u[t].items()}
        if not value == paths[y] == counts[y]:
            x = min(c for c in range(n) if len({m.get(c, 0) for m in (value, paths[y], counts[y])}) > 1)
            said, true, found = (clipped(m.get(x, 0)) for m in (counts[y], paths[y], value))
            raise Rejected(
                "wrong-count", f"{x} to {y}: the weights give {found}, the file says {said}, there are {true}"
            )
    return f"all path counts of a graph of {n} nodes and {len(edges)} edges, hence reachability ({n} tokens, key dimension {d})"


# --- inequalities ------------------------------------------------------------------------------------------------------
# An enclosure is a pair of fractions (low, high), low <= value <= high. Rationals are exact: low == high. Ends are rounded
# outwards to multiples of 2^-bits relative to 1 only where a function makes them long.


def outward(low, high, bits):
    scale = 1 << bits
    if low.denominator <= scale and high.denominator <= scale:
        return low, high
    down = (low.numerator << bits) // low.denominator
    up = -((-high.numerator << bits) // high.denominator)
    return Fraction(down, scale), Fraction(up, scale)


def exp_enclosure(x, bits, budget):
    """exp(x) for a rational x. With x = 2^m r, |r| <= 1/2, the Taylor sum of N terms at r leaves out less than
    2 |r|^N / N! (each further term is at most half the one before); then squaring m times keeps an enclosure, as both
    ends are positive: the sum at |r| <= 1/2 exceeds 1/4."""
    if x == 0:
        return Fraction(1), Fraction(1)
    if abs(x) > MAX_EXPONENT:
        raise Rejected("time-limit", f"exp of a number beyond {MAX_EXPONENT}")
    halvings = 0
    while abs(x) > Fraction(1 << halvings, 2):
        halvings += 1
    working = bits + 2 * halvings + 2 * MAX_EXPONENT.bit_length() + int(abs(x)) * 2 + 16
    low, high = taylor(Fraction(x, 1) / (1 << halvings), working, budget, lambda n: n, 1)
    for _ in range(halvings):
        budget.spend(working >> 5)
        low, high = outward(low * low, high * high, working)
    return outward(low, high, bits + 2 * int(abs(x)) + 8)


def taylor(r, bits, budget, divisor, start, sign=1):
    """Encloses sum of terms t_0 = start, t_n = sign t_{n-1} r / divisor(n), for |r / divisor(n)| <= 1/2 from n = 1 on: what
    follows term t is then at most |t| in sum. Terms are rounded outwards to `bits` bits."""
    scale, length = 1 << bits, size(r)
    numerator, denominator = r.numerator, r.denominator
    low = high = start * scale
    total_low, total_high, n = low, high, 0
    while max(abs(low), abs(high)) > 1:
        n += 1
        budget.product(bits, length)
        ends = sorted((sign * low * numerator, sign * high * numerator))
        below = denominator * divisor(n)
        low, high = ends[0] // below, -(-ends[1] // below)
        total_low, total_high = total_low + low, total_high + high
    rest = max(abs(low), abs(high)) + 1
    return Fraction(total_low - rest, scale), Fraction(total_high + rest, scale)


def log_enclosure(x, bits, budget):
    """log(x) for a rational x > 0. With x = 2^m y, 2/3 <= y <= 4/3, z = (y-1)/(y+1) has |z| <= 1/5 and
    log y = 2 (z + z^3/3 + ...); log 2 = 2 atanh(1/3) likewise. Terms fall by a factor of at least 9."""
    if x == 1:
        return Fraction(0), Fraction(0)
    budget.product(4 * size(x), size(x))
    m = x.numerator.bit_length() - x.denominator.bit_length()
    y = Fraction(x) / (Fraction(2) ** m)
    if y > Fraction(4, 3):
        m, y = m + 1, y / 2
    elif y < Fraction(2, 3):
        m, y = m - 1, y * 2
    working = bits + abs(m).bit_length() + 8
    low, high = two_atanh((y - 1) / (y + 1), working, budget)
    if m:
        ends = sorted(m * end for end in two_atanh(Fraction(1, 3), working, budget))
        low, high = low + ends[0], high + ends[1]
    return outward(low, high, bits)


def two_atanh(z, bits, budget):
    """2 (z + z^3/3 + z^5/5 + ...) for |z| <= 1/3: powers are rounded outwards, and after a power p of size <= 1 unit the
    rest is less than one unit, as powers fall by 9."""
    scale, square = 1 << bits, z * z
    length = size(square)
    low, high = (z.numerator * scale) // z.denominator, -((-z.numerator * scale) // z.denominator)
    total_low, total_high, n = low, high, 1
    while max(abs(low), abs(high)) > 1:
        n += 2
        budget.product(bits, length)
        low, high = (
            low * square.numerator // square.denominator,
            -(-high * square.numerator // square.denominator),
        )
        total_low, total_high = total_low + low // n, total_high + -(-high // n)
    return 2 * Fraction(total_low - 2, scale), 2 * Fraction(total_high + 2, scale)


def cos_enclosure(x, bits, budget):
    """cos(x) for a rational x. cos(2a) = 2 cos(a)^2 - 1 from |a| <= 1/2, where the alternating Taylor sum in a^2 applies;
    each doubling multiplies the width by at most 4, so two bits more are carried for each."""
    if x == 0:
        return Fraction(1), Fraction(1)
    if abs(x) > MAX_EXPONENT:
        raise Rejected("time-limit", f"cos of a number beyond {MAX_EXPONENT}")
    budget.product(2 * size(x), size(x))
    doublings = 0
    while abs(x) > Fraction(1 << doublings, 2):
        doublings += 1
    working = bits + 2 * doublings + 8
    a = Fraction(x) / (1 << doublings)
    low, high = taylor(a * a, working, budget, lambda n: (2 * n - 1) * (2 * n), 1, sign=-1)
    for _ in range(doublings):
        budget.spend(working >> 5)
        ends = sorted((low * low, high * high))
        least = Fraction(0) if low <= 0 <= high else ends[0]
        low, high = outward(2 * least - 1, 2 * ends[1] - 1, working)
    return max(Fraction(-1), low), min(Fraction(1), high)


def enclose(expression, bits, budget, where="expression"):
    """An enclosure of an expression. Raises Rejected for what has no value, or is not shown to have one."""
    budget.spend()
    if not isinstance(expression, list):
        value = Fraction(number(expression, where))
        return value, value
    name, *operands = operation(expression, ARITIES, where)
    if name == "pow":
        exponent = index(operands[1], MAX_EXPONENT + 1, f"{where}: exponent", -MAX_EXPONENT)
        base = enclose(operands[0], bits, budget, where)
        return power(base, exponent, bits, budget, where)
    parts = [enclose(operand, bits, budget, where) for operand in operands]
    if name == "+":
        low = high = Fraction(0)
        for part in parts:
            low, high = low + part[0], high + part[1]
            bearable(low, high, budget)
    elif name == "-":
        low, high = parts[0][0] - parts[1][1], parts[0][1] - parts[1][0]
    elif name == "neg":
        low, high = -parts[0][1], -parts[0][0]
    elif name == "*":
        low, high = parts[0]
        for part in parts[1:]:
            low, high = hull(x * y for x in (low, high) for y in part)
            bearable(low, high, budget, times=2)
    elif name == "/":
        low, high = divide(parts[0], parts[1], where)
    else:
        low, high = FUNCTIONS[name](parts[0], bits, budget, where)
    bearable(low, high, budget)
    return (low, high) if low == high else outward(low, high, bits)


def bearable(low, high, budget, times=1):
    """Pays for an enclosure's ends, so many times; rejects one whose ends have grown beyond the limit."""
    for end in (low, high) * times:
        budget.number(end)


def hull(values):
    found = list(values)
    return min(found), max(found)


def divide(above, below, where):
    if below[0] <= 0 <= below[1]:
        raise Rejected("domain", f"{where}: the divisor is not shown to differ from zero")
    return hull(x / y for x in above for y in below)


def power(base, exponent, bits, budget, where):
    low, high = base
    longest = max(map(size, base))
    if longest * abs(exponent) > MAX_BITS:
        raise Rejected("memory-limit", f"{where}: a power of more than {MAX_BITS} bits")
    budget.product(longest * abs(exponent), longest * abs(exponent))
    if exponent < 0:
        return divide((Fraction(1), Fraction(1)), power(base, -exponent, bits, budget, where), where)
    ends = hull((low**exponent, high**exponent))
    if exponent and exponent % 2 == 0 and low < 0 < high:
        ends = Fraction(0), ends[1]
    return ends if low == high else outward(*ends, bits)


def monotone(function):
    """An increasing function of an enclosure, from its enclosures at the two ends."""

    def apply(part, bits, budget, where):
        if part[0] == part[1]:
            return function(part[0], bits, budget)
        return function(part[0], bits, budget)[0], function(part[1], bits, budget)[1]

    return apply


def log_of(part, bits, budget, where):
    if part[0] <= 0:
        raise Rejected("domain", f"{where}: the argument of log is not shown to be positive")
    return monotone(log_enclosure)(part, bits, budget, where)


def cos_of(part, bits, budget, where):
    """|cos a - cos b| <= |a - b|: the value at the middle, widened by half the width."""
    middle, half = (part[0] + part[1]) / 2, (part[1] - part[0]) / 2
    low, high = cos_enclosure(middle, bits, budget)
    return max(Fraction(-1), low - half), min(Fraction(1), high + half)


ARITIES = {"+": 0, "*": 0, "-": 2, "neg": 1, "/": 2, "pow": 2, "exp": 1, "log": 1, "cos": 1}
FUNCTIONS = {"exp": monotone(exp_enclosure), "log": log_of, "cos": cos_of}


def check_inequality(data, budget):
    left, relation, right = fields(data, ("left", "relation", "right"), "data")
    if relation not in ("<", "<="):
        raise Rejected("unknown-operation", f"relation {str(relation)[:40]!r}")
    return sharper(lambda bits: compare(left, relation, right, bits, budget))


def sharper(attempt):
    """What an attempt at enclosures of so many bits says, with more and more bits while it cannot tell."""
    bits = 64
    while True:
        try:
            decided = attempt(bits)
        except Rejected as rejected:
            if rejected.reason not in ("domain", "undecided") or bits >= MAX_PRECISION:
                raise
        else:
            return decided
        bits *= 2


def compare(left, relation, right, bits, budget):
    """What is accepted, from enclosures of that many bits; Rejected when it is false or they overlap."""
    a, b = enclose(left, bits, budget, "left"), enclose(right, bits, budget, "right")
    if a[1] < b[0] or (relation == "<=" and a[1] <= b[0]):
        gap = b[0] - a[1]
        size = f"2^{gap.numerator.bit_length() - gap.denominator.bit_length() - 1}" if gap else "0"
        return f"left {relation} right, decided with {bits} bits: right - left >= {size}, left in {short(a)}"
    if a[0] > b[1] or (relation == "<" and a[0] >= b[1]):
        raise Rejected("false-inequality", f"left lies in {short(a)}, right in {short(b)}")
    raise Rejected("undecided", f"with {bits} bits left lies in {short(a)}, right in {short(b)}")


def short(enclosure):
    """An enclosure to six places, rounded outwards, for people."""
    low, high = enclosure
    down, up = low * 10**6 // 1, -(-high * 10**6 // 1)

    def place(x):
        return f"{'-' if x < 0 else ''}{abs(x) // 10**6}.{abs(x) % 10**6:06d}"

    return place(down) if down == up else f"[{place(down)}, {place(up)}]"


# --- quadratic forms of differences ------------------------------------------------------------------------------------


def correlations(vector, count, budget):
    """sum_i v_i v_{i+d} for d = 0, ..., count - 1."""
    made = []
    for d in range(count):
        budget.spend(max(len(vector) - d, 0))
        made.append(budget.number(Fraction(sum(x * y for x, y in zip(vector, vector[d:], strict=False)))))
    return made


def check_negative_form(data, budget):
    vector, sequence = fields(data, ("vector", "sequence"), "data")
    vector = [number(x, f"vector[{i}]") for i, x in enumerate(listed(vector, "vector"))]
    listed(sequence, "sequence", len(vector))
    if sum(vector) != 0:
        raise Rejected("sum-not-zero", f"the entries sum to {clipped(Fraction(sum(vector)))}")
    lags = correlations(vector, len(vector), budget)

    def negative(bits):
        low = high = Fraction(0)
        for d, expression in enumerate(sequence):
            part = enclose(expression, bits, budget, f"sequence[{d}]")
            ends = hull((2 if d else 1) * lags[d] * end for end in part)
            low, high = low + ends[0], high + ends[1]
        bearable(low, high, budget)
        if high < 0:
            return f"{len(vector)} positions: the form is in {short((low, high))}, so b is not conditionally positive definite"
        if low >= 0:
            raise Rejected("not-negative", f"the form lies in {short((low, high))}")
        raise Rejected("undecided", f"with {bits} bits the form lies in {short((low, high))}")

    return sharper(negative)


def check_positive_symbol(data, budget):
    sequence, rest, factor = fields(data, ("sequence", "rest", "factor"), "data")
    if len(listed(sequence, "sequence")) < 2:
        raise Rejected("shape", "sequence: fewer than 2 values")
    factor = [number(x, f"factor[{k}]") for k, x in enumerate(listed(factor, "factor"))]
    last = len(sequence) - 2
    if len(factor) > last + 1:
        raise Rejected("shape", f"factor: {len(factor)} entries for differences up to {last}")
    lags = correlations(factor, last + 1, budget)

    def positive(bits):
        b = [enclose(expression, bits, budget, f"sequence[{d}]") for d, expression in enumerate(sequence)]
        tail = enclose(rest, bits, budget, "rest")
        if tail[0] < 0:
            raise Rejected("out-of-range" if tail[1] < 0 else "undecided", "rest is not shown to be at least 0")
        least, most = -2 * tail[1], -2 * tail[0]  # of a(0) - q*q(0) less twice the sizes of all that is left
        for d in range(last + 1):
            before, here, after = b[abs(d - 1)], b[d], b[d + 1]
            low, high = 2 * here[0] - before[1] - after[1] - lags[d], 2 * here[1] - before[0] - after[0] - lags[d]
            if d == 0:
                least, most = least + low, most + high
            else:
                least, most = least - 2 * max(-low, high), most - 2 * max(low, -high, 0)
            bearable(least, most, budget)
        if least >= 0:
            return f"b of {len(b)} values and a rest of at most {short(tail)} is conditionally positive definite on the integers"
        if most < 0:
            raise Rejected("not-shown", f"the factor leaves {short((least, most))}")
        raise Rejected("undecided", f"with {bits} bits the factor leaves {short((least, most))}")

    return sharper(positive)


# --- matrices ----------------------------------------------------------------------------------------------------------


def determinant(matrix, budget):
    """Rows are cleared of denominators; then Bareiss' elimination, in which every division of integers is exact."""
    n, scale, rows = len(matrix), 1, []
    for row in matrix:
        common = 1
        for x in row:
            common = common * x.denominator // gcd(common, x.denominator)
        budget.number(common)
        scale *= common
        rows.append([int(x * common) for x in row])
    sign, before = 1, 1
    for c in range(n):
        pivot = next((r for r in range(c, n) if rows[r][c]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != c:
            rows[c], rows[pivot], sign = rows[pivot], rows[c], -sign
        for r in range(c + 1, n):
            for j in range(c + 1, n):
                rows[r][j] = budget.number((rows[r][j] * rows[c][c] - rows[r][c] * rows[c][j]) // before)
        before = rows[c][c]
    return Fraction(sign * before, scale)


def check_determinant(data, budget):
    matrix, stated = fields(data, ("matrix", "determinant"), "data")
    n = len(listed(matrix, "matrix"))
    matrix, stated = dense(matrix, None, n, "matrix"), number(stated, "determinant")
    found = determinant(matrix, budget)
    if found != stated:
        raise Rejected("wrong-determinant", f"it is {clipped(found)}, the file says {clipped(stated)}")
    return f"a matrix of {n} rows and columns has determinant {clipped(stated)}"


def check_rank(data, budget):
    names = ("matrix", "rank", "rows", "columns", "left", "right")
    matrix, rank, rows, columns, left, right = fields(data, names, "data")
    matrix = dense(matrix, None, None, "matrix")
    height, width = len(matrix), len(matrix[0])
    rank = index(rank, min(height, width) + 1, "rank")
    rows = [index(r, height, "rows") for r in listed(rows, "rows", rank)]
    columns = [index(c, width, "columns") for c in listed(columns, "columns", rank)]
    left, right = dense(left, height, rank, "left"), dense(right, rank, width, "right")
    if rank and determinant([[matrix[r][c] for c in columns] for r in rows], budget) == 0:
        raise Rejected("wrong-rank", "the minor named is zero")
    for r, row in enumerate(matrix):
        for c, x in enumerate(row):
            budget.spend(rank)
            if sum(left[r][m] * right[m][c] for m in range(rank)) != x:
                raise Rejected("wrong-rank", f"left * right differs from the matrix at row {r}, column {c}")
    return f"a matrix of {height} rows and {width} columns has rank {rank}"


def clipped(value):
    if size(value) > 200:
        return f"[a number of {value.numerator.bit_length()} over {value.denominator.bit_length()} bits]"
    return str(value)


# --- growth ------------------------------------------------------------------------------------------------------------
# A polynomial is {((atom, exponent), ...): coefficient}, its atoms in order: sizes; slacks "#0", "#1", ..., numbers >= 0 of
# which nothing else is known; and operations that do not reduce to these. Only sizes have exponents that are not natural.

OPERANDS = {"+": 0, "*": 0, "min": 0, "max": 0, "pow": 2, "floor": 2, "L": 1, "up2": 1, "log2": 1}
SIZE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}", re.ASCII)
MAX_POWER = 64
LOG_PARTS = 64
MAX_START = 1 << 64


class Known(NamedTuple):
    """What is known at a place of a growth proof: each size is at least `low`, and left <= right for each condition."""

    sizes: list
    low: dict
    conditions: list
    budget: Budget


def tree(value, sizes, where):
    """An expression in the sizes, as nested tuples."""
    if isinstance(value, str) and value in sizes:
        return value
    if not isinstance(value, list):
        return number(value, where)
    name, *parts = operation(value, OPERANDS, where)
    if name == "pow":
        return name, tree(parts[0], sizes, where), number(parts[1], f"{where}: exponent")
    return name, *(tree(part, sizes, where) for part in parts)


def replaced(whole, old, new):
    if whole == old:
        return new
    return (whole[0], *(replaced(part, old, new) for part in whole[1:])) if isinstance(whole, tuple) else whole


def plus(a, b, budget, factor=1):
    """a + factor * b."""
    total = dict(a)
    budget.spend(len(a) + len(b))
    for key, c in b.items():
        total[key] = budget.number(total.get(key, 0) + factor * c)
    return {key: c for key, c in total.items() if c}


def times(a, b, budget):
    total = {}
    for p, c in a.items():
        for q, d in b.items():
            exponents = dict(p)
            for atom, e in q:
                exponents[atom] = exponents.get(atom, 0) + e
            key = tuple(sorted(((atom, e) for atom, e in exponents.items() if e), key=repr))
            budget.spend(1 + len(key))
            total[key] = budget.number(total.get(key, 0) + c * d)
    return {key: c for key, c in total.items() if c}


def raised(p, exponent, budget) -> dict:
    """A natural power; or, of a single product of sizes, a rational one, of one with a coefficient an integer one."""
    natural = exponent.denominator == 1 and exponent >= 0
    if abs(exponent) <= MAX_POWER and natural:
        made = {(): 1}
        for _ in range(int(exponent)):
            made = times(made, p, budget)
        return made
    if abs(exponent) <= MAX_POWER and len(p) == 1:
        ((key, c),) = p.items()
        if not operations(p) and (c == 1 or exponent.denominator == 1):
            return {tuple((atom, e * exponent) for atom, e in key): budget.number(Fraction(c) ** int(exponent))}
    raise Rejected("not-shown", f"no rule for the power {clipped(exponent)} of what stands there")


def operations(p):
    """The operations among a polynomial's atoms."""
    return [atom for key in p for atom, _ in key if not isinstance(atom, str)]


def log_ceiling(x):
    """L(x): the least natural k with 2^k >= x."""
    return max(-(-x.numerator // x.denominator) - 1, 0).bit_length()


EVALUATED = {
    "L": log_ceiling,
    "up2": lambda x: 1 << log_ceiling(x),
    "floor": lambda p, q: p // q,
    "min": lambda *operands: min(operands),
    "max": lambda *operands: max(operands),
}


def polynomial(whole, budget) -> dict:
    """An expression multiplied out. Operations on numbers are carried out; log2 of a product of sizes is a sum."""
    if isinstance(whole, str):
        return {((whole, 1),): 1}
    if not isinstance(whole, tuple):
        return {(): whole} if whole else {}
    name, *parts = whole
    if name == "pow":
        return raised(polynomial(parts[0], budget), parts[1], budget)
    parts = [polynomial(part, budget) for part in parts]
    if name in ("+", "*"):
        made = parts[0]
        for part in parts[1:]:
            made = (plus if name == "+" else times)(made, part, budget)
        return made
    values = [part.get((), 0) for part in parts if not part.keys() - {()}]
    if name == "log2":
        ((key, c),) = parts[0].items() if len(parts[0]) == 1 else [((), 0)]
        if key and c == 1 and not operations(parts[0]):
            return {((("log2", atom), 1),): e for atom, e in key}
        if not values or values[0] < 1:
            raise Rejected("not-shown", "no rule for log2 of what is no product of sizes")
        if values[0].denominator == 1 and int(values[0]).bit_count() == 1:
            return polynomial(log_ceiling(values[0]), budget)
    elif name == "floor" and not integral(parts[1], single=True):
        raise Rejected("not-shown", "floor of a quotient by what is no positive product of sizes")
    elif len(values) == len(parts):
        return polynomial(budget.number(EVALUATED[name](*values)), budget)
    return {((whole, 1),): 1}


def substituted(p, atom, power_of, budget):
    """p times the power of `atom` that leaves no negative exponent of it, with power_of(e) for its e-th power."""
    exponents = {key: dict(key).get(atom, 0) for key in p}
    lowest, by_exponent, total = min([0, *exponents.values()]), {}, {}
    for key, c in p.items():
        rest = tuple(pair for pair in key if pair[0] != atom)
        by_exponent.setdefault(exponents[key] - lowest, {})[rest] = c
    for e, part in by_exponent.items():
        total = plus(total, times(part, power_of(e), budget) if e else part, budget)
    return total


def non_negative(p):
    """Whether no coefficient is negative and every atom is at least 0 by its meaning."""
    shown = all(atom[0] in ("L", "up2") or (atom[0] == "log2" and isinstance(atom[1], str)) for atom in operations(p))
    return shown and all(c > 0 for c in p.values())


def least(whole, known):
    """What an expression is at least, or None: the constant of its polynomial in the x - low(x), if no other part falls."""
    p = polynomial(whole, known.budget)
    if any(e < 0 for key in p for _, e in key):
        return None
    for x, m in known.low.items():
        shifted = {((x, 1),): 1, (): m}
        p = substituted(p, x, lambda e, shifted=shifted: raised(shifted, e, known.budget), known.budget)
    value = p.pop((), 0)
    return value if non_negative(p) else None


def integral(p, single=False):
    """Whether a polynomial has integer values at integer sizes; `single`: and is one positive product of sizes."""
    if single and (len(p) != 1 or min(p.values()) < 0 or operations(p)):
        return False
    exponents = [e for key in p for _, e in key]
    whole = all(x.denominator == 1 for x in [*p.values(), *exponents]) and min([0, *exponents]) == 0
    return whole and all(atom[0] in ("L", "up2", "floor") for atom in operations(p))


# The steps of a growth proof. Each writes an atom as (bound + slack)^power (ABOVE) or (bound - slack)^power (BELOW), or, when
# it is between 0 and the bound (BETWEEN), its e-th power as bound^e - slack; a slack is >= 0 by the fact on the step's line.
ABOVE, BELOW, BETWEEN = 1, -1, 0


def applies(fact, detail):
    if not fact:
        raise Rejected("not-shown", f"a step does not apply: {detail}")


def grown(known, x):
    """A size that has not been given a value, and its least value."""
    if not isinstance(x, str) or x not in known.low:
        raise Rejected("out-of-range", f"{str(x)[:40]} is no size here")
    return known.low[x]


def step_size(known, x, m, power):  # x^(1/power) >= m, if m^power <= low(x)
    m, power = number(m, "size"), index(power, MAX_POWER, "size: power", 1)
    applies(m >= 0 and m**power <= grown(known, x), f"{x} >= {clipped(m)}^{power}")
    return x, {(): m}, ABOVE, power


def step_under(
    known, x, i, power
):  # x^(1/power) >= (left / others)^(1/(e power)), if right = x^e others, e > 0; see below
    left, right = known.conditions[index(i, len(known.conditions), "under")]
    power, right = index(power, MAX_POWER, "under: power", 1), polynomial(right, known.budget)
    grown(known, x)
    e = max((dict(key).get(x, 0) for key in right), default=0)
    others = times(right, {((x, -e),): 1}, known.budget)
    applies(e > 0 and integral(others, single=True), f"condition {i} gives no lower bound of {x}")
    bound = times(polynomial(left, known.budget), raised(others, Fraction(-1), known.budget), known.budget)
    root = 1 / Fraction(e * power)
    applies(root == 1 or non_negative(bound), "a power of what may be negative")  # powers keep the order from 0 on only
    return x, raised(bound, root, known.budget), ABOVE, power


def step_over(
    known, x, terms
):  # x >= 2^(L(x) - 1) + 1, if x >= 2; 2^w >= C(w, 0) + ... + C(w, terms), w = L(x) - L(low(x))
    first = log_ceiling(grown(known, x))
    applies(first >= 1, f"{x} >= 2")
    term = {(): Fraction(2) ** (first - 1)}
    made = plus({(): 1}, term, known.budget)
    for j in range(index(terms, MAX_POWER, "over")):
        term = times(term, {((("L", x), 1),): Fraction(1, j + 1), (): Fraction(-first - j, j + 1)}, known.budget)
        made = plus(made, term, known.budget)
    return x, made, ABOVE, 1


def step_log2_least(known, x):  # log2(x) >= log2(low(x)), rounded down to 64ths
    m = index(x, 2 * MAX_START, "log2", 1) if isinstance(x, int) else grown(known, x)
    return ("log2", x), {(): Fraction((m**LOG_PARTS).bit_length() - 1, LOG_PARTS)}, ABOVE, 1


def step_log2_above(known, x):  # log2(x) >= L(x) - 1
    grown(known, x)
    return ("log2", x), {((("L", x), 1),): 1, (): -1}, ABOVE, 1


def step_log2_middle(
    known, x
):  # log2(x) >= (L(x) + 1)/2 for x >= 2: so at 2 and 3, and L(x) - 1 is no less from L(x) = 3 on
    applies(grown(known, x) >= 2, f"{x} >= 2")
    return ("log2", x), {((("L", x), 1),): Fraction(1, 2), (): Fraction(1, 2)}, ABOVE, 1


def step_log2_below(known, x):  # log2(x) <= L(x)
    grown(known, x)
    return ("log2", x), {((("L", x), 1),): 1}, BETWEEN, 1


def step_l_above(known, e):  # L(e) >= L(least value of e)
    e = tree(e, known.sizes, "L>=")
    m = least(e, known)
    applies(m is not None, "no least value of what is under L is seen")
    return ("L", e), {(): log_ceiling(m)}, ABOVE, 1


def step_l_below(known, e, f, steps):  # L(e) <= L(f) <= L(c) + a L(x) + ..., if e <= f = c x^a ...
    e, f = tree(e, known.sizes, "L<="), polynomial(tree(f, known.sizes, "L<="), known.budget)
    applies(integral(f, single=True), "the larger argument of L is no product")
    settle(plus(f, polynomial(e, known.budget), known.budget, -1), steps, known)
    ((key, c),) = f.items()
    return ("L", e), {(): log_ceiling(c), **{((("L", x), 1),): a for x, a in key}}, BETWEEN, 1


def step_floor(known, p, q, above):  # p/q - 1 + 1/q <= floor(p/q) <= p/q, for integers p and q > 0
    p, q = tree(p, known.sizes, "floor"), tree(q, known.sizes, "floor")
    top, below = polynomial(p, known.budget), polynomial(q, known.budget)
    applies(integral(top), "floor of a quotient of what is no integer")
    if above:
        top = plus(plus(top, below, known.budget, -1), {(): 1}, known.budget)
    bound = times(top, raised(below, Fraction(-1), known.budget), known.budget)
    m = least(p, known)
    return ("floor", p, q), bound, ABOVE if above else BELOW if m is None or m < 0 else BETWEEN, 1


def step_up2(known, e, above):  # e <= up2(e) <= 2 e - 1, for an integer e >= 1
    e = tree(e, known.sizes, "up2")
    p = polynomial(e, known.budget)
    if above:
        return ("up2", e), p, ABOVE, 1
    m = least(e, known)
    applies(integral(p) and m is not None and m >= 1, "up2 of what is not shown to be a positive integer")
    return ("up2", e), plus({(): -1}, p, known.budget, 2), BETWEEN, 1


def extremum(value, known):
    e = tree(value, known.sizes, "min or max")
    if not isinstance(e, tuple) or e[0] not in ("min", "max"):
        raise Rejected("not-shown", "it is no min or max")
    return e


def step_part(known, e, k):  # min <= each operand <= max
    e = extremum(e, known)
    part = e[1:][index(k, len(e) - 1, "part")]
    return e, polynomial(part, known.budget), BELOW if e[0] == "min" else ABOVE, 1


STEPS = {
    "size": (3, step_size),
    "under": (3, step_under),
    "over": (2, step_over),
    "part": (2, step_part),
    "log2>=low": (1, step_log2_least),
    "log2>=": (1, step_log2_above),
    "log2>=half": (1, step_log2_middle),
    "log2<=": (1, step_log2_below),
    "L>=": (1, step_l_above),
    "L<=": (3, step_l_below),
    "floor>=": (2, lambda known, p, q: step_floor(known, p, q, above=True)),
    "floor<=": (2, lambda known, p, q: step_floor(known, p, q, above=False)),
    "up2>=": (1, lambda known, e: step_up2(known, e, above=True)),
    "up2<=": (1, lambda known, e: step_up2(known, e, above=False)),
}


def after(p, s, facts, budget):
    """The polynomial after step s. An atom between 0 and its bound has a slack for each of its powers."""
    atom, bound, how, power = facts

    def power_of(e):
        if how == BETWEEN:
            return plus(raised(bound, e, budget), {((f"#{s}.{e}", 1),): -1}, budget)
        return raised(plus(bound, {((f"#{s}", 1),): how}, budget), e * power, budget)

    return substituted(p, atom, power_of, budget)


def settle(p, steps, known):
    """Rejects unless p >= 0: after the steps no coefficient is negative."""
    for s, step in enumerate(listed(steps, "steps")):
        name, *args = operation(step, {name: arity for name, (arity, _) in STEPS.items()}, f"step {s}")
        p = after(p, s, STEPS[name][1](known, *args), known.budget)
    if not non_negative(p):
        raise Rejected("not-shown", "after the steps a coefficient is negative, or an operation is left")


PROOFS = {"steps": 1, "at": 3, "order": 4, "each": 2, "void": 1}


def prove(goal, known, proof):
    """Rejects unless the goal >= 0 for all integer sizes of which `known` holds."""
    name, *args = operation(proof, PROOFS, "proof")
    known.budget.spend(len(repr(goal)))
    if name == "steps":
        settle(polynomial(goal, known.budget), args[0], known)
    elif name == "at":  # a size at its least value, the next, ..., and from there on
        x, (_, first, proofs, rest) = args[0], (name, grown(known, args[0]), listed(args[1], "at"), args[2])
        for value, inner in enumerate(proofs, first):
            low = {y: m for y, m in known.low.items() if y != x}
            conditions = [tuple(replaced(side, x, value) for side in pair) for pair in known.conditions]
            prove(replaced(goal, x, value), known._replace(low=low, conditions=conditions), inner)
        prove(goal, known._replace(low={**known.low, x: first + len(proofs)}), rest)
    elif name == "order":  # one of two expressions is the smaller
        a, b = (tree(side, known.sizes, "order") for side in args[:2])
        for pair, inner in zip(((a, b), (b, a)), args[2:], strict=True):
            prove(goal, known._replace(conditions=[*known.conditions, pair]), inner)
    elif name == "each":  # a min is one of its operands, and no more than the others; a max no less
        whole = extremum(args[0], known)
        for part, inner in zip(whole[1:], listed(args[1], "each", len(whole) - 1), strict=True):
            pairs = [(part, other) if whole[0] == "min" else (other, part) for other in whole[1:] if other != part]
            prove(replaced(goal, whole, part), known._replace(conditions=[*known.conditions, *pairs]), inner)
    else:  # a condition fails
        left, right = known.conditions[index(args[0], len(known.conditions), "void")]
        m = least(("+", left, ("*", -1, right)), known)
        applies(m is not None and m > 0, "the condition is not shown to fail")


def shown(whole):
    if not isinstance(whole, tuple):
        return whole if isinstance(whole, str) else clipped(whole)
    name, *parts = whole
    if name == "pow":
        return f"{shown(parts[0])}^{clipped(parts[1])}"
    return f"({f' {name} '.join(map(shown, parts))})" if name in "+*" else f"{name}({', '.join(map(shown, parts))})"


def check_growth(data, budget):
    names = ("sizes", "start", "where", "count", "constant", "bound", "proof")
    sizes, start, where, count, constant, bound, proof = fields(data, names, "data")
    for x in listed(sizes, "sizes"):
        if not isinstance(x, str) or not SIZE.fullmatch(x) or sizes.count(x) > 1:
            raise Rejected("out-of-range", f"{str(x)[:40]!r} names no size, or one twice")
    start, constant = index(start, MAX_START, "start", 1), number(constant, "constant")
    count, bound = tree(count, sizes, "count"), tree(bound, sizes, "bound")
    where = [[tree(side, sizes, "where") for side in listed(pair, "where", 2)] for pair in listed(where, "where")]
    goal = ("+", ("*", constant, bound), ("*", -1, count))
    differences = [goal, *(("+", right, ("*", -1, left)) for left, right in where)]
    for x in sizes:
        differences = [replaced(whole, x, start) for whole in differences]
    first, *others = ({(): 0, **polynomial(whole, budget)} for whole in differences)
    if first.keys() == {()} and first[()] < 0 and all(p.keys() == {()} and p[()] >= 0 for p in others):
        raise Rejected("bound-exceeded", f"it fails where every size is {start}")
    prove(goal, Known(sizes, dict.fromkeys(sizes, start), where, budget), proof)
    given = "".join(f", {shown(left)} <= {shown(right)}" for left, right in where)
    return (
        f"{shown(count)} <= {clipped(constant)} * {shown(bound)} for all integers {', '.join(sizes)} >= {start}{given}"
    )


# --- the whole ---------------------------------------------------------------------------------------------------------

KINDS = {
    "swap-tracking": check_swap_tracking,
    "path-counts": check_path_counts,
    "inequality": check_inequality,
    "negative-form": check_negative_form,
    "positive-symbol": check_positive_symbol,
    "determinant": check_determinant,
    "rank": check_rank,
    "growth": check_growth,
}
LABEL = re.compile(r"[a-z0-9._/-]{1,200}", re.ASCII)


def check_text(text):
    """A Result for the text of a certificate; never raises."""
    try:
        version, kind, claim, data = fields(parse(text), ("weightproof", "kind", "claim", "data"), "certificate")
        if isinstance(version, bool) or version != 1:
            raise Rejected("unknown-version", f"{str(version)[:40]}")
        if not isinstance(claim, str) or not LABEL.fullmatch(claim):
            raise Rejected("bad-claim", "a label is 1 to 200 of a-z 0-9 . _ / -")
        if not isinstance(kind, str) or kind not in KINDS:
            raise Rejected("unknown-kind", f"{str(kind)[:40]!r}; known: {', '.join(KINDS)}")
        return Result(True, "", "", KINDS[kind](data, Budget()))
    except Rejected as rejected:
        return Result(False, rejected.reason, rejected.detail, "")
    except MemoryError:
        return Result(False, "memory-limit", "out of memory", "")


def check_file(path):
    """A Result for the file at `path`; never raises."""
    try:
        return check_text(read_text(path))
    except Rejected as rejected:
        return Result(False, rejected.reason, rejected.detail, "")


def main(arguments, limit=lambda: None):
    """The command line; returns the exit code: 0 all accepted, 1 any rejected, 2 wrong usage. `limit` is called before
    each file."""
    if "--help" in arguments or "-h" in arguments:
        print(__doc__)
        return 0
    files = [a for a in arguments if a != "--json"]
    if not files or any(a.startswith("--") for a in files):
        print("usage: checker.py [--json] FILE...", file=sys.stderr)
        return 2
    results = []
    for path in files:
        limit()
        results.append((path, check_file(path)))
    if "--json" in arguments:
        rows = [
            {"file": path, **result._asdict(), "statement_false": result.statement_false} for path, result in results
        ]
        print(json.dumps(rows, indent=2))
    else:
        for path, result in results:
            if result.accepted:
                print(f"accepted {path}: {result.statement}")
            else:
                print(f"rejected {path}: {result.reason}: {result.detail}")
    return 0 if all(result.accepted for _, result in results) else 1


def out_of_time(*_):
    raise Rejected("time-limit", f"more than {MAX_SECONDS} s of processor time")


def bounded_process():
    """Limits kept by the operating system behind the checker's own; returns what starts a file's time. Where there are
    none (not a Unix), the checker's own must do."""
    sys.set_int_max_str_digits(10 * MAX_DIGITS)
    try:
        import resource
        import signal
    except ImportError:
        return lambda: None
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY if hard < 0 else min(MAX_MEMORY, hard), hard))
    signal.signal(signal.SIGVTALRM, out_of_time)
    return lambda: signal.setitimer(signal.ITIMER_VIRTUAL, MAX_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], bounded_process()))
