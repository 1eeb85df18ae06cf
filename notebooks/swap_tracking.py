# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # One attention layer that follows every swap
#
# You know attention: a token looks at earlier tokens and adds up their values, weighted by how well keys match.
# Here is one small change to it, and what the change buys.
#
# The *Deltaformer* operator (Zhong, Xu, Ao, Shi, arXiv 2505.19488) works in two stages. Each token has a key $k_t$,
# a value $v_t$, a scalar $\beta_t$ and one vector more, its write $w_t$. The first stage corrects the values before
# anybody reads them,
#
# $$u_t = v_t - \beta_t \sum_{i<t} \langle k_i, w_t\rangle\, u_i ,$$
#
# and the second is plain attention without a softmax on the corrected values,
# $o_t = \sum_{i\le t} \langle k_i, q_t\rangle u_i$. The correction is recursive: $u_t$ depends on earlier $u_i$,
# not on the earlier $v_i$. With $A_{ti} = \beta_t\langle k_i, w_t\rangle$ below the diagonal and 0 elsewhere, all
# of stage one is a triangular inverse,
#
# $$U = (I + A)^{-1} V .$$
#
# Everything below is computed in integers by the very functions that the checks of this repository run, and each
# number that is plotted is asserted. The theorems shown are derived here; the paper is the source of the operator
# and of the goal.

# %%
import os

import matplotlib.pyplot as plt
import numpy as np

from constructions.deltaformer.lane_filling import lane_filling_program
from constructions.deltaformer.reachability import NodeTokens, adjacency
from constructions.deltaformer.swap_tracking import OneHotSwaps, decode
from constructions.layers import deltaformer as operator
from empirics.checks.deltaformer.summation_orders import Sum, last_sums
from theory import formats
from theory.accumulators import certified_swaps
from theory.programs import Dag, SwapProgram

# %% [markdown]
# ## Parameters
#
# Change them and run all cells again.

# %%
QUICK = os.environ.get("WEIGHTPROOF_QUICK") == "1"

n = 4 if QUICK else 5  # slots, at least 2
swap_count = 5 if QUICK else 8  # swaps
seed = 2  # which swaps

# %%
plt.rcParams.update({"figure.dpi": 90, "font.size": 9, "axes.titlesize": 10, "figure.constrained_layout.use": True})


def show_integers(axis, matrix, title, rows, columns, row_axis, column_axis, bound=None, hidden=None):
    """A picture of an integer matrix: red negative, white zero, blue positive; entries written in when they fit."""
    matrix = np.asarray(matrix, dtype=np.int64)
    bound = bound or max(1, int(np.abs(matrix).max(initial=0)))
    shown = np.ma.masked_array(matrix, mask=np.zeros(matrix.shape, bool) if hidden is None else hidden)
    axis.imshow(shown, cmap="RdBu", vmin=-1.3 * bound, vmax=1.3 * bound)
    axis.set_facecolor("0.9")
    if max(matrix.shape) <= 20:
        for i, j in np.argwhere(matrix * ~np.ma.getmaskarray(shown)):
            value = matrix[i, j]
            dark = abs(value) > 0.75 * bound
            axis.text(j, i, f"{value}".replace("-", "\N{MINUS SIGN}"), ha="center", va="center", fontsize=7,
                      color="white" if dark else "black")  # fmt: skip
    few = max(matrix.shape) <= 30
    axis.set_xticks(range(len(columns)) if few else [], columns if few else [], fontsize=7)
    axis.set_yticks(range(len(rows)) if few else [], rows if few else [], fontsize=7)
    if few and any(len(name) > 2 for name in columns):
        axis.tick_params(axis="x", labelrotation=90)
    axis.set(title=title, xlabel=column_axis, ylabel=row_axis)


# %% [markdown]
# ## The task, and the weights that solve it
#
# There are $n$ slots; slot $j$ starts with content $j$. Then swaps happen: "exchange what lies in slots $a$ and
# $b$". At the end somebody asks what lies where. No running sum answers that, for swaps do not commute: the order
# matters.
#
# The construction has one token for each thing that happens, and head dimension $n$:
#
# | token | key = write | value |
# |---|---|---|
# | put content $x$ into slot $j$ | $e_j$ | $e_x$ |
# | swap slots $a$ and $b$ | $e_a - e_b$ | $0$ |
# | read slot $j$ | query $e_j$ | |
#
# with $\beta = 1$ throughout. Why it works fits in a line. Keep $S = \sum_i k_i u_i^{\top}$, whose row $j$ is what
# the query $e_j$ returns. A token turns $S$ into $(I - k w^{\top}) S + k v^{\top}$, and
# $I - (e_a - e_b)(e_a - e_b)^{\top}$ is the matrix that exchanges rows $a$ and $b$. A swap is a reflection: along
# $e_a - e_b$ its eigenvalue is $1 - |e_a - e_b|^2 = -1$.

# %%
draw = np.random.default_rng(seed)
program = SwapProgram(n, [sorted(draw.choice(n, 2, replace=False).tolist()) for _ in range(swap_count)])
tokens = OneHotSwaps().compile(program).cast(np.int64)
names = [f"put {j}" for j in range(n)] + [f"({a} {b})" for a, b in program.swaps]

print(program)
print("contents at the end, slot by slot:", program.contents())

# %% [markdown]
# ## What looks at what: the kernel matrix
#
# Row $t$, column $i$ holds $\langle k_i, w_t\rangle$: how much token $t$ takes away of what token $i$ holds. Only
# the part below the diagonal counts (the past); the rest is greyed. Keys of swaps overlap in a slot or not at all,
# so the entries are small: $\pm 1$ when two swaps share one slot, $\pm 2$ when they share both.

# %%
kernel = tokens.w @ tokens.k.T
length = len(names)
future = np.triu(np.ones((length, length), bool))
A = np.where(future, 0, kernel)

assert np.array_equal(kernel, kernel.T), "w = k"
assert set(np.unique(kernel)) <= {-2, -1, 0, 1, 2}
assert all(kernel[t, t] == 2 for t in range(n, length)), "each swap has the squared norm 2"

figure, axis = plt.subplots(figsize=(5.2, 4.9))
show_integers(axis, kernel, r"kernel $\langle k_i, w_t\rangle$", names, names,
              "token $t$ that writes", "earlier token $i$ that is looked at", hidden=future)  # fmt: skip

# %% [markdown]
# ## The state after each swap
#
# $S_t = \sum_{i\le t} k_i u_i^{\top}$ after the writes and after each swap: row $j$ is what a reader of slot $j$
# would see now, column $x$ is content $x$. It is a permutation matrix at each step, and a swap exchanges two of its
# rows (framed).

# %%
u = operator.recurrence(tokens.k, tokens.w, tokens.v, tokens.beta)
states = np.cumsum(tokens.k[:, :, None] * u[:, None, :], axis=0)[n - 1 :]

for step, state in enumerate(states):
    contents = SwapProgram(n, program.swaps[:step]).contents()
    assert np.array_equal(state, np.eye(n, dtype=np.int64)[list(contents)]), f"after {step} swaps"
assert set(np.unique(u)) <= {-1, 0, 1}, "corrected values never grow"

across = min(len(states), 5)
down = -(-len(states) // across)
figure, axes = plt.subplots(down, across, figsize=(1.75 * across, 2.05 * down), squeeze=False)
for axis in axes.flat[len(states) :]:
    axis.set_axis_off()
for step, (state, axis) in enumerate(zip(states, axes.flat, strict=False)):
    title = "after the writes" if step == 0 else f"swap {step}: {names[n + step - 1]}"
    last_row, first_column = step + across >= len(states), step % across == 0
    show_integers(axis, state, title, [str(j) for j in range(n)], [str(x) for x in range(n)],
                  "slot" if first_column else "", "content" if last_row else "", bound=1)  # fmt: skip
    for slot in program.swaps[step - 1] if step else ():
        axis.add_patch(plt.Rectangle((-0.46, slot - 0.46), n - 0.08, 0.92, fill=False, edgecolor="tab:orange", lw=1.8))

# %% [markdown]
# ## The inverse, and the permutation it holds
#
# The same by the matrix formula. $(I + A)^{-1}$ says how each token's corrected value $u_t$ depends on the values
# put in. Only the first $n$ tokens put anything in, so only its first $n$ columns are used (left of the line). Read
# there the row of a swap $(a\ b)$ as news for slot $a$: $-1$ at the content that leaves it, $+1$ at the one that
# arrives; slot $b$ gets the opposite, as the key is $e_a - e_b$. Rows added up, each times the match of its key with
# the query, give the permutation.

# %%
inverse = operator.solve(tokens.k, tokens.w, np.eye(length, dtype=np.int64), tokens.beta)
read = tokens.read_out(inverse @ tokens.v)

assert np.array_equal((np.eye(length, dtype=np.int64) + A) @ inverse, np.eye(length, dtype=np.int64))
assert np.array_equal(inverse @ tokens.v, u), "the recurrence and the inverse agree"
assert decode(read) == program.contents()
for step, (a, b) in enumerate(program.swaps):
    before = SwapProgram(n, program.swaps[:step]).contents()
    news = np.eye(n, dtype=np.int64)[before[b]] - np.eye(n, dtype=np.int64)[before[a]]
    assert np.array_equal(inverse[n + step, :n], news), f"swap {step}: what arrives in slot {a} minus what leaves it"

figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 4.7), width_ratios=[1.9, 1])
show_integers(left, inverse, r"$(I + A)^{-1}$", names, names, "token $t$", "token $i$ that puts a value in")  # fmt: skip
left.axvline(n - 0.5, color="tab:orange", lw=1.5)
show_integers(right, read, "read out: a permutation matrix", [str(j) for j in range(n)], [str(x) for x in range(n)],
              "slot $j$", "content $x$", bound=1)  # fmt: skip

# %% [markdown]
# ## The same inverse explores a graph
#
# Let the tokens be the nodes of a directed graph without cycles, in an order in which edges go forwards, and
# $N_{ti} = 1$ for an edge $i \to t$. Then $N^m$ counts the walks of $m$ edges, and since $N$ is nilpotent
#
# $$(I - N)^{-1} = I + N + N^2 + \dots$$
#
# counts *all* directed paths between *all* pairs of nodes. It is positive exactly where there is a path. The
# operator inverts $I + A$, so the weights need a minus sign: $k_t = e_t$, $w_t = -\sum_{i\to t} e_i$.
#
# In the graph below each node is entered from the two before it, so the counts are Fibonacci's numbers.

# %%
graph = Dag(6, [(0, 1), (0, 2), (1, 3), (2, 3), (1, 2), (3, 4), (2, 4), (3, 5), (4, 5)])
N = adjacency(graph)
counts = NodeTokens().compile(graph).first_stage()

powers = sum(np.linalg.matrix_power(N, m) for m in range(graph.n))
assert np.array_equal(counts, powers), "I + N + N^2 + ... without any triangular solve"
assert counts.min() >= 0
assert counts[:, 0].tolist() == [1, 1, 2, 3, 5, 8], "Fibonacci's numbers"

nodes = [str(node) for node in graph.order]


def draw_graph(axis, places, edges, title):
    """Nodes as circles at `places`, edges as arrows."""
    for x, y in edges:
        axis.annotate("", places[y], places[x], arrowprops={
            "arrowstyle": "-|>", "shrinkA": 10, "shrinkB": 10, "color": "0.35", "lw": 1.3})  # fmt: skip
    for node, (x, y) in enumerate(places):
        axis.plot([x], [y], "o", ms=18, color="white", mec="0.2", zorder=3)
        axis.text(x, y, str(node), ha="center", va="center", zorder=4)
    axis.set(title=title, aspect="equal")
    axis.margins(0.2)
    axis.set_axis_off()


figure, (first, second, third) = plt.subplots(1, 3, figsize=(10, 3.3))
draw_graph(first, [(0, 0), (1, 0.8), (1, -0.8), (2, 0.8), (2, -0.8), (3, 0)], graph.edges, "the graph")
show_integers(second, N, "edges $N$", nodes, nodes, "to node $t$", "from node $i$")
show_integers(third, counts, "paths $(I - N)^{-1}$", nodes, nodes, "to node $t$", "from node $s$")

# %% [markdown]
# ### Without the minus sign
#
# Leave it out and the operator returns $(I + N)^{-1}$, in which a path of $m$ edges counts $(-1)^m$. On three nodes
# an edge and the detour beside it cancel: from 0 to 2 there are two paths, and the value is $-1 + 1 = 0$. No
# smaller graph does that.

# %%
triangle = Dag(3, [(0, 1), (1, 2), (0, 2)])
signed = NodeTokens().compile(triangle).first_stage()
unsigned = NodeTokens(sign=1).compile(triangle).first_stage()

assert signed.tolist() == [[1, 0, 0], [1, 1, 0], [2, 1, 1]]
assert unsigned.tolist() == [[1, 0, 0], [-1, 1, 0], [0, -1, 1]]
for smaller in (Dag(2), Dag(2, [(0, 1)])):
    kept = NodeTokens(sign=1).compile(smaller).first_stage()
    assert np.array_equal(kept != 0, NodeTokens().compile(smaller).first_stage() > 0)

figure, (first, second, third) = plt.subplots(1, 3, figsize=(8.4, 2.9))
draw_graph(first, [(0, 0), (0.7, 0.8), (1.4, 0)], triangle.edges, "an edge and a detour")
names_of_three = ["0", "1", "2"]
show_integers(second, signed, "with the sign: 2 paths", names_of_three, names_of_three, "to node", "from node", bound=2)
show_integers(
    third, unsigned, "without: 0 to 2 cancels", names_of_three, names_of_three, "to node", "from node", bound=2
)
cancelled = third.add_patch(plt.Rectangle((-0.47, 1.53), 0.94, 0.94, fill=False, edgecolor="tab:orange", lw=2.2))
zero = third.text(0, 2, "0", ha="center", va="center", fontsize=7)

# %% [markdown]
# ## How far in a narrow accumulator? It depends on the order
#
# Fix a reader and a content. The terms of the sum telescope along the content's way through the slots: each is
# "where it is now" minus "where it was". So in time order every partial sum is $-1$, $0$ or $1$, and eight bits, or
# three, are exact for ever.
#
# Fast kernels do not add in time order. With $L$ interleaved accumulators each adds every $L$-th term, and nothing
# telescopes: a content can go up whenever one accumulator looks and down when it does not. That accumulator grows
# by 2 every $L$ swaps, until it needs $2^p + 1$, which $p$ bits of precision do not hold.
#
# The line is $S^*$, the largest number of swaps for which *no* program rounds, found by a search over all walks
# (max-plus matrices) and not from a formula. A cross is the first failure seen: the last sum of the program that fills
# a lane fastest, really done in an emulated format. In fp8 every length from 1 on is run; in bf16 and fp16, where all
# lengths up to $S^*$ are certified, only $S^*$ and $S^* + 1$ are. It lies at $S^* + 1$ each time, so the frontier is
# exact. The law $S^* = L\,(2^{p-1} - 1) + 2$ is asserted beside it.

# %%
lane_counts = (2, 4) if QUICK else (2, 4, 8)
precisions = range(2, 6) if QUICK else range(2, 12)
observed_formats = ("fp8_e5m2", "fp8_e4m3fn") if QUICK else ("fp8_e5m2", "fp8_e4m3fn", "bf16", "fp16")


def fails(fmt, lanes, swaps):
    """Whether the last swap's sum over the lane-filling program comes out wrong in the format."""
    made = lane_filling_program(lanes, swaps)
    batch = OneHotSwaps().compile_batch(made.n, np.array(made.swaps, dtype=np.int64).reshape(1, -1, 2))
    computed, exact = last_sums(batch, Sum(fmt, f"interleaved({lanes})"))
    return bool((computed != exact).any())


frontier = {lanes: {p: certified_swaps(p, lanes) for p in precisions} for lanes in lane_counts}
first_failure = {}
for lanes in lane_counts:
    for fmt in observed_formats:
        p = formats.named(fmt).precision
        certified = frontier[lanes][p]
        # In fp8 every length from 1 on is run; in wider formats those up to S* are certified and two lengths are run.
        start = 1 if p <= 4 else certified
        first_failure[lanes, fmt] = next(s for s in range(start, 2 * certified) if fails(fmt, lanes, s))

for lanes in lane_counts:
    assert all(s == lanes * (2 ** (p - 1) - 1) + 2 for p, s in frontier[lanes].items())
    assert all(
        first_failure[lanes, fmt] == frontier[lanes][formats.named(fmt).precision] + 1 for fmt in observed_formats
    )

figure, axis = plt.subplots(figsize=(6.6, 4.2))
for colour, lanes in zip(("tab:blue", "tab:orange", "tab:green"), lane_counts, strict=False):
    axis.plot(
        list(precisions), frontier[lanes].values(), "o-", ms=4, color=colour, label=f"$S^*$, {lanes} accumulators"
    )
    seen = [(formats.named(fmt).precision, first_failure[lanes, fmt]) for fmt in observed_formats]
    axis.plot(*zip(*seen, strict=True), "x", ms=10, mew=1.8, color=colour)
axis.plot([], [], "x", ms=8, mew=1.8, color="0.3", label="first failure seen")
for fmt in observed_formats:
    p = formats.named(fmt).precision
    axis.axvline(p, color="0.85", lw=1, zorder=0)
    axis.text(p, 1.02, fmt.replace("fp8_", "fp8\n"), transform=axis.get_xaxis_transform(), ha="center", fontsize=8)
axis.set_yscale("log", base=2)
axis.set(xlabel="precision $p$ of the accumulator (bits, the leading one included)", ylabel="swaps")
axis.set_xticks(list(precisions))
axis.legend(frameon=False, loc="lower right")
axis.spines[["top", "right"]].set_visible(False)

for lanes in lane_counts:
    print(f"{lanes} accumulators, first failure seen:", {fmt: first_failure[lanes, fmt] for fmt in observed_formats})

# %% [markdown]
# ## What this does not show
#
# These weights are written down, not learned; whether training finds them is another question. The kernels here are
# linear and $w$ is free: the softmax variant that common libraries ship is another operator. And a picture of one
# program proves nothing about all of them: the identity that does is the claim
# `deltaformer/swap-tracking/linear-kernel`, and `weightproof show` prints it with its argument and its checks.
