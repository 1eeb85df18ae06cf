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
# # The same swaps through four kernels
#
# `swap_tracking` showed one attention layer with a linear kernel that follows every swap. Other kernels can do it too,
# each at a price of its own: tokens per swap, head dimension, temperature, or a coordinate for time. Here the same
# swaps run through four constructions (A, B, C, D), then head dimension is traded for temperature, then memories are
# filled until they overflow, and at last number formats are driven to where they stop working.
#
# The operator is the Deltaformer's (Zhong, Xu, Ao, Shi, arXiv 2505.19488); theorems and constants are derived here. Every
# number that is plotted is asserted, by the functions that the checks run.

# %%
import os
from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np

from constructions.deltaformer.codes import binary_sign, circle, one_hot, random_sign
from constructions.deltaformer.exponential_swaps import SPREAD, ExponentialSwaps, exposure
from constructions.deltaformer.memory import Pairs, Power
from constructions.deltaformer.reachability_formats import underflow_frontier
from constructions.deltaformer.rounded_swaps import RoundedSwaps
from constructions.deltaformer.softmax_swaps import SoftmaxSwaps
from constructions.deltaformer.stored_positions import StoredPositions
from constructions.deltaformer.swap_tracking import OneHotSwaps
from constructions.layers.kernels import LINEAR, Exponential
from theory import formats
from theory.accumulators import certified_swaps
from theory.deltaformer import margins
from theory.deltaformer.retrieval_laws import delta_error, exponential_noise, power_noise
from theory.programs import SwapProgram

# %% [markdown]
# ## Parameters
#
# Change them and run all cells again.

# %%
QUICK = os.environ.get("WEIGHTPROOF_QUICK") == "1"

program = SwapProgram(3, [(0, 2), (1, 2), (0, 1)])  # what is tracked in the pictures
slots, swap_count = (5, 8) if QUICK else (13, 40)  # for head dimension against temperature
memories = 40 if QUICK else 400  # independent memories behind each point of a capacity curve
seed = 1

# %%
plt.rcParams.update({"figure.dpi": 90, "font.size": 9, "axes.titlesize": 10, "figure.constrained_layout.use": True})


def show_matrix(axis, matrix, title, bound):
    """A picture of a real matrix: red negative, white zero, blue positive."""
    axis.imshow(np.asarray(matrix, dtype=float), cmap="RdBu", vmin=-1.3 * bound, vmax=1.3 * bound)
    axis.set(title=title, xticks=[], yticks=[])


def mark_swaps(axis, tokens):
    """Lines where a swap's tokens begin, and its name beside them; before the first swap the slots are written."""
    each = (tokens - program.n) // len(program.swaps)  # a sink, if there is one, comes first
    starts = [tokens - each * (len(program.swaps) - s) for s in range(len(program.swaps))]
    for start in starts:
        axis.axhline(start - 0.5, color="0.6", lw=0.6)
        axis.axvline(start - 0.5, color="0.6", lw=0.6)
    centres = [(starts[0] - 1) / 2, *(start + (each - 1) / 2 for start in starts)]
    axis.set_yticks(centres, ["slots", *(f"({a} {b})" for a, b in program.swaps)], fontsize=8)
    axis.tick_params(length=0)


# %% [markdown]
# ## A, B, C, D
#
# | | kernel | tokens a swap | head dimension | what it costs |
# |---|---|---|---|---|
# | A | $\langle k, w\rangle$ | 1 | $n$ | dimension |
# | B | $\langle k, w\rangle / N$ rounded | 1 | $O(\log n)$ | a kernel with steps |
# | C | $e^{\lambda(\langle k, w\rangle - 1)}$ | 8, two temporaries | $\lceil\log_2(n+3)\rceil$, or 2 | temperature |
# | D | softmax, $w = q$ | 4, one temporary | $\lceil\log_2(n+3)\rceil + 1$ | a position coordinate |
#
# Upper row: what looks at what, the weight of the earlier token (column) for the later one (row), blue positive, red negative;
# lines part the tokens that write the slots and those of each swap. Lower row: what the readers of the slots (rows) return, by
# content (columns), a permutation matrix four times.

# %%
linear = OneHotSwaps().compile(program).cast(np.float64)
u_linear = linear.first_stage("solve")
rounded = RoundedSwaps(code=random_sign(program.n, seed=seed))
rounded_tokens = rounded.compile(program).cast(np.float64)
u_rounded, read_rounded = rounded.stages(rounded_tokens)
exponential, pointer = ExponentialSwaps(), SoftmaxSwaps()
temperature = exponential.temperature(program)
exponential_tokens, pointer_tokens = exponential.compile(program), pointer.compile(program)
u_exponential, read_exponential = exponential_tokens.stages(exponential.kernel(temperature))
u_pointer, read_pointer = pointer_tokens.stages(pointer.kernel)


def looking(kernel, writes, keys):
    """The weights of earlier tokens, `(T, T)`."""
    writes, keys = (np.asarray(x).astype(np.float64) for x in (writes, keys))
    return kernel.weights(writes, keys, np.tri(len(keys), k=-1, dtype=bool))


shown = {
    "A: linear": (looking(LINEAR, linear.w, linear.k), linear.read_out(u_linear), linear.k.shape[1]),
    "B: rounded": (looking(rounded.kernel, rounded_tokens.w, rounded_tokens.k), read_rounded, rounded.code.dimension),
    "C: exponential": (
        looking(exponential.kernel(temperature)(float), exponential_tokens.writes, exponential_tokens.keys),
        read_exponential,
        exponential_tokens.keys.shape[1],
    ),
    "D: softmax": (
        looking(pointer.kernel(float), pointer_tokens.writes, pointer_tokens.keys),
        read_pointer,
        pointer_tokens.keys.shape[1],
    ),
}
wanted = np.eye(program.n)[list(program.contents())]
figure, axes = plt.subplots(2, 4, figsize=(10.5, 5.2), height_ratios=[2.6, 1])
for (name, (weights, read, dimension)), (upper, lower) in zip(shown.items(), axes.T, strict=True):
    error = np.abs(read - wanted).max()
    assert error < 1 / 2, name
    show_matrix(upper, weights, f"{name}\n{len(weights)} tokens, dimension {dimension}", 2)
    mark_swaps(upper, len(weights))
    show_matrix(lower, read, f"largest error {error:.1g}", 1)
    lower.set(xlabel="content", ylabel="slot", xticks=range(program.n), yticks=range(program.n))
assert np.array_equal(u_rounded, u_linear), "B computes the very U of A"
assert np.array_equal(shown["A: linear"][0], shown["B: rounded"][0])
print(program, "->", program.contents())

# %% [markdown]
# ## Head dimension against temperature against error
#
# In C and D any unit codes will do for the slots; what matters is the gap between the inner product of a code with
# itself, 1, and with its nearest other, $\mu$. The fewer dimensions, the smaller the gap, and the higher the temperature $\lambda$
# that makes a swap safe: $\lambda (1 - \mu)$ is what counts. The temperature is solved from a proved bound, where that reaches
# 1/2. Below it the error is what the picture shows; the dashed lines are the bound.

# %%
draw = np.random.default_rng(seed)
long_program = SwapProgram(slots, [draw.choice(slots, 2, replace=False).tolist() for _ in range(swap_count)])
final = np.eye(slots)[list(long_program.contents())]
needed = slots + 3
codes = {
    "one-hot": one_hot,
    "random signs": lambda n: random_sign(n, seed=seed),
    "binary signs": binary_sign,
    "circle": circle,
}
shares = (Fraction(1, 2), Fraction(5, 8), Fraction(3, 4), Fraction(7, 8), Fraction(1))

figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6))
rows = []
for name, make in codes.items():
    made = ExponentialSwaps(make_code=make)
    tokens, gap = made.compile(long_program), made.code(slots).gap
    solved = made.temperature(long_program)
    errors, bounds = [], []
    for share in shares:
        eta = margins.leak_of(solved * share, gap)
        _, read = tokens.stages(made.kernel(solved * share))
        errors.append(np.abs(read - final).max())
        bounds.append(float(margins.linear_error(len(tokens.keys) + 1, exposure(slots, swap_count), SPREAD, eta)))
    # at the solved temperature the bound is below 1/2; float64 adds roundings far below the gap to it
    assert bounds[-1] < 1 / 2
    assert all(error <= bound for error, bound in zip(errors, bounds, strict=True)), name
    temperatures = [float(solved * share) for share in shares]
    (line,) = left.loglog(temperatures, errors, "o-", ms=4, label=f"{name}, d = {made.code(slots).dimension}")
    left.loglog(temperatures, bounds, "--", color=line.get_color(), lw=0.8)
    right.loglog(made.code(slots).dimension, float(solved), "o", color=line.get_color())
    told = f" {name}\n error {errors[-1]:.1g}, gap {float(gap):.2g}"
    right.annotate(told, (made.code(slots).dimension, float(solved)), fontsize=7, va="bottom")
    rows.append((name, made.code(slots).dimension, float(gap), float(solved), errors[-1], bounds[-1]))
left.plot([], [], "--", color="0.4", lw=0.8, label="bound")
left.axhline(0.5, color="0.6", lw=0.8, label="1/2: reads wrong above")
left.set(xlabel=r"temperature $\lambda$", ylabel="largest error of a reading", xlim=(1, None), ylim=(1e-6, 1e3))
left.legend(fontsize=7, loc="lower left")
right.set(
    xlabel="head dimension $d$",
    ylabel=r"temperature $\lambda$ that is enough",
    title=f"n = {slots}, S = {swap_count}",
    xlim=(1, 2e4),
    ylim=(None, 300),
)
print(f"{'code':14}{'d':>6}{'gap':>10}{'temperature':>14}{'error':>11}{'bound':>9}")
for name, dimension, gap, solved, error, bound in rows:
    print(f"{name:14}{dimension:6d}{gap:10.4f}{solved:14.1f}{error:11.2g}{bound:9.2g}")

# %% [markdown]
# D pays differently. Its error is linear in the depth of the pointer chain and does not grow with the number of tokens: rows of
# softmax are averages, so nothing is amplified. The gap between one position and the next decides.

# %%
figure, axis = plt.subplots(figsize=(5.2, 3.4))
for swaps in (4, 12) if QUICK else (10, 40, 120):
    some = SwapProgram(slots, [draw.choice(slots, 2, replace=False).tolist() for _ in range(swaps)])
    ends = np.eye(slots)[list(some.contents())]
    solved = pointer.gap(some)
    gaps = [solved * Fraction(share, 8) for share in range(3, 17)]
    measured, bound = [], []
    for gap in gaps:
        tokens = pointer.compile(some, gap=gap)
        _, read = tokens.stages(pointer.kernel)
        measured.append(np.abs(read - ends).max())
        depth = 1 + int(tokens.slots.depths().max())
        bound.append(float(margins.pointer_error(depth, gap)) if margins.pointer_leak(gap) <= 1 / 2 else np.nan)
    assert all(not error > limit for error, limit in zip(measured, bound, strict=True))
    (line,) = axis.semilogy([float(g) for g in gaps], measured, "-", label=f"S = {swaps}, depth {depth}")
    axis.semilogy([float(g) for g in gaps], bound, "--", lw=0.8, color=line.get_color())
axis.plot([], [], "--", color="0.4", lw=0.8, label="bound")
axis.axhline(0.5, color="0.6", lw=0.8, label="1/2: reads wrong above")
axis.set(xlabel=r"gap $\gamma$ between positions", ylabel="largest error of a reading")
axis.legend(fontsize=7)

# %% [markdown]
# ## How much a memory holds
#
# Write $N$ pairs of random keys and values into a memory, read at one of the keys: the right value comes back with noise
# from all the others. In expectation noise over signal is $(N-1)\, E\kappa(k,k')^2 / E\kappa(k,k)^2$ exactly; the memory is
# full where it reaches 1. With keys on the sphere that is $N = d + 1$ for the linear kernel, grows as $d^p$ for the
# positive part to the power $p$, and as $e^{d/2}$ for $e^{\lambda\langle x, y\rangle}$, but only if $\lambda = d/2$ grows with
# $d$. Dots are measured (bars: 95 %), lines are the laws.

# %%
d = 12
kernels = {
    "linear": (LINEAR, float(power_noise("sphere", d, 1, rectified=False))),
    "positive part, squared": (Power(2), float(power_noise("sphere", d, 2, rectified=True))),
    "positive part, cubed": (Power(3), float(power_noise("sphere", d, 3, rectified=True))),
    r"exponential, $\lambda = d/2$": (Exponential(d / 2), exponential_noise("sphere", d, d / 2)),
}
counts = (4, 16, 64) if QUICK else (4, 16, 64, 256)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6))
outside = 0
for name, (kernel, factor) in kernels.items():
    ratios, bars = [], []
    for count in counts:
        signal, noise = Pairs.draw(draw, memories, count, d, "sphere").signal_and_noise(kernel)
        ratios.append(noise.mean() / signal.mean())
        bars.append(1.96 * noise.std(ddof=1) / np.sqrt(memories) / signal.mean())
        outside += abs(ratios[-1] - (count - 1) * factor) > bars[-1]
    (line,) = left.loglog(counts, [(count - 1) * factor for count in counts], "-", lw=1)
    left.errorbar(
        counts, ratios, bars, fmt="o", ms=4, color=line.get_color(), label=f"{name}: full at {1 + 1 / factor:.0f}"
    )
# 95 % intervals: of 12 or 16 points more than 4 lie outside with probability below 0.01
assert outside <= 4
assert power_noise("sphere", d, 1, rectified=False) == Fraction(1, d)
left.axhline(1, color="0.6", lw=0.8)
left.annotate("full", (counts[0], 1), fontsize=7, color="0.4", va="bottom")
left.set(xlabel="pairs N", ylabel="noise over signal", title=f"keys on the sphere, d = {d}")
left.legend(fontsize=7)

pairs = 3 * d
errors = Pairs.draw(draw, 10 * memories, pairs, d, "sphere").read_errors(LINEAR, delta=True)
plain = Pairs.draw(draw, memories, pairs, d, "sphere").read_errors(LINEAR)
ages = np.arange(pairs)[::-1]
right.plot(ages, plain.mean(axis=0), ".", color="0.6", label="additive")
right.errorbar(
    ages,
    errors.mean(axis=0),
    1.96 * errors.std(axis=0, ddof=1) / np.sqrt(len(errors)),
    fmt="o",
    ms=3,
    label="delta rule",
)
law = [float(delta_error(int(age), pairs - 1 - int(age), d)) for age in ages]
right.plot(ages, law, "-", lw=1, color="tab:orange", label="law")
right.set(
    xlabel="pairs written since", ylabel="squared error of the reading", title=f"linear kernel, N = {pairs}, d = {d}"
)
right.legend(fontsize=7)
assert errors[:, -1].max() < pairs * d * np.finfo(float).eps, "the pair written last is read exactly"

# %% [markdown]
# The delta rule first erases what the key would read and then writes: the newest pair is read exactly, and the error of
# older ones grows with their age, towards that of reading something unrelated, while the additive memory treats all alike.

# %% [markdown]
# ## Where number formats stop
#
# Exact weights meet finite formats in three places, and each has a sharp frontier, searched here as the checks do: how many
# swaps are exact when sums are taken in the worst order (A), through how many nodes a path of edges of weight 1/2 is still seen
# (reachability), and how many swaps the position coordinate counts (D). Precision decides the first and the last, the
# range of exponents the one between.

# %%
names = ("fp8_e5m2", "fp8_e4m3fn", "bf16", "fp16", "tf32", "fp32", "fp64")[: 3 if QUICK else None]
frontier = {"A: swaps, any order": [], "reachability: nodes, weight 1/2": [], "D: swaps, positions": []}
for name in names:
    fmt = formats.named(name)
    assert fmt.precision is not None
    frontier["A: swaps, any order"].append(certified_swaps(fmt.precision, None))
    frontier["reachability: nodes, weight 1/2"].append(underflow_frontier(fmt, 1, "gradual"))
    positions = StoredPositions(fmt, tail=4)
    frontier["D: swaps, positions"].append(positions.certified_swaps())
    assert positions.first_failure(frontier["D: swaps, positions"][-1]) == frontier["D: swaps, positions"][-1] + 1
    assert frontier["A: swaps, any order"][-1] == 2**fmt.precision

figure, axis = plt.subplots(figsize=(9.5, 3.4))
for place, (what, values) in enumerate(frontier.items()):
    where = np.arange(len(names)) + 0.27 * (place - 1)
    drawn = axis.bar(where, values, width=0.25, label=what)
    axis.bar_label(drawn, [str(x) if x < 10**5 else f"{x:.1e}" for x in values], fontsize=7)
axis.set(yscale="log", ylabel="largest number that works", ylim=(0.7, 10 * max(map(max, frontier.values()))))
axis.set_xticks(range(len(names)), names)
axis.legend(fontsize=7)
