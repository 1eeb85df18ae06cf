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
# # The curse of dimension, and three ways out
#
# 1. **Isotropic** smoothness in $d$ dimensions has the exponent $2/(2+d)$: every dimension makes learning slower.
# 2. **Anisotropic and mixed** smoothness let coordinates matter less and less, $a_i = i$ say. Then there may be infinitely
#    many, and the exponent is $2a_1/(2a_1+1)$ for mixed smoothness: that of a single coordinate.
# 3. **Dynamic importance**: which token matters changes with the input. No fixed order of coordinates is smooth then. A
#    transformer that sorts tokens by importance gets the exponent back.
#
# Beside them stands what the transformer of the theorem does with data: its features frozen, its read-out fitted; and what
# sharing it among outputs saves. Networks that were trained come last and apart.
#
# Inputs are uniform, noise is Gaussian. A risk is exact once a fit is made (Parseval); no test set is drawn, but for the
# trained networks. Every number that is plotted is asserted. Set `WEIGHTPROOF_FIGURES` to a folder to get svg files.

# %%
import os
from fractions import Fraction
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

from constructions.takakura_suzuki.importance import ImportanceAttention
from constructions.takakura_suzuki.transformer import Plan as Weights
from empirics.rates import targets
from empirics.rates.contrast import isotropic, measure_contrast
from empirics.rates.curves import Plan, powers
from empirics.rates.figures import COLOURS, save
from empirics.rates.importance import ORDERS, Study, Windows
from empirics.rates.oracle import exponent, oracle
from empirics.rates.readout import curve
from empirics.rates.sharing import share
from empirics.rates.slopes import SURE
from empirics.rates.trained import DISCLAIMER, MLP, SmallTransformer, train
from theory.takakura_suzuki import fixed_order_laws, importance_laws, sharing_laws
from theory.takakura_suzuki.smoothness import Power, Smoothness

# %% [markdown]
# ## Parameters
#
# Change them and run all cells again.

# %%
QUICK = os.environ.get("WEIGHTPROOF_QUICK") == "1"

mixed = Smoothness("mixed", Power(1))  # a_i = i, infinitely many coordinates
anisotropic = Smoothness("anisotropic", Power(2))  # a_i = i^2
last = 11 if QUICK else 13  # n up to 2^last
replicates = 8 if QUICK else 32
last_read_out = 9 if QUICK else 12
steps = 100 if QUICK else 400  # of training
seed = 0
torch.set_num_threads(1)

# %%
plt.rcParams.update({"figure.dpi": 90, "font.size": 9, "axes.titlesize": 10, "figure.constrained_layout.use": True})
BLUE, ORANGE, GREEN, PINK, _, SKY = COLOURS
BLACK, GREY = "black", "0.6"


def shown(figure, name):
    """Draw, numbers of samples at powers of 2, and write the vector file where a folder was named."""
    for axis in figure.axes:
        if axis.get_xlabel() == "samples n" and axis.get_xlim()[1] < 2**20:
            axis.set_xscale("log", base=2)
    if folder := os.environ.get("WEIGHTPROOF_FIGURES"):
        save(figure, Path(folder) / f"{name}.svg")
    plt.show()


# %% [markdown]
# ## 1. The curse
#
# Least squares on the best number $N$ of basis functions, against the worst target of the class for that $N$. Left: mean
# risk over replicates (points), between bounds known before anything is drawn (asserted), and the exact oracle $\min_N
# d_N^2 + \sigma^2 N/n$ (lines). Points lie above a line where the oracle's $N$ is too large for $n$ data and is cut to
# $n/24$.
#
# Middle: the slope between neighbours of the exact oracle's curve, far beyond what can be simulated, and the exponent
# $-2/(2+d)$. Right: how many samples the oracle needs for a risk of 1/100, to a power of two. Under isotropic smoothness
# each dimension multiplies them by about ten; with $a_i = i$ infinitely many coordinates cost less than a factor of two.

# %%
plan = Plan(mixed, powers(7, last), replicates=replicates, seed=seed)
contrast = measure_contrast(plan, last=60)
curves = {f"isotropic, d = {d}": found for d, found in contrast.curves.items()}
curves["mixed, $a_i = i$, d infinite"] = contrast.escape
colours = dict(zip(curves, (SKY, GREEN, ORANGE, PINK, BLUE), strict=True))
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.8))
print(f"{'':30}{'slope measured':>26}{'its bounds':>20}{'oracle':>9}{'observed / oracle':>24}")
for name, found in curves.items():
    means = [float(p.risks.mean()) for p in found.points]
    left.loglog(found.n, means, "o", color=colours[name], ms=4)
    fine = powers(7, last)
    left.loglog(
        fine, [float(oracle(found.plan.smoothness, n, 1).risk) for n in fine], color=colours[name], lw=1, label=name
    )
    for ratio, (low, high) in zip(found.ratios(SURE), found.bracket(), strict=True):
        assert ratio.meets(low, high), f"{name}: {ratio} outside [{low:.3f}, {high:.3f}]"
    assert found.slope(level=SURE).meets(*found.expected_slope())
    low, high = found.expected_slope()
    ratios = [r.value for r in found.ratios()]
    print(
        f"{name:30}{found.slope()!s:>26}{f'[{low:.3f}, {high:.3f}]':>20}{found.oracle_slope():9.3f}"
        f"{f'{min(ratios):.2f} to {max(ratios):.2f}':>24}"
    )
left.set(xlabel="samples n", ylabel="risk", title="worst-case risk, $\\sigma$ = 1")
left.legend(fontsize=6.5)

exponents = {d: -2 / (2 + d) for d in contrast.curves}
for (d, (n, risks)), colour in zip(contrast.exact.items(), (SKY, GREEN, ORANGE, PINK), strict=True):
    local = np.diff(np.log(risks)) / np.diff(np.log(n))
    middle.semilogx(n[1:], local, color=colour, lw=1, label=f"isotropic, d = {d}")
    middle.axhline(exponents[d], color=colour, lw=0.7, ls=":")
settled = contrast.settled()
for d, slope in settled.items():
    assert min(exponents, key=lambda other: abs(exponents[other] - slope)) == d, "nearest to its own exponent"
n = [2**k for k in range(6, 31, 2)]
local = np.diff(np.log([float(oracle(mixed, m, 1).risk) for m in n])) / np.diff(np.log(n))
middle.semilogx(n[1:], local, color=BLUE, lw=1.5, label="mixed, d infinite")
middle.axhline(float(exponent(1)), color=BLUE, lw=0.7, ls="--")
assert local[-1] < exponents[2] < exponents[4], "infinitely many coordinates, and a better slope than two equal ones"
middle.set(xlabel="samples n", ylabel="local slope of the exact oracle", title="exponents")
middle.legend(fontsize=6.5)


def samples_for(smoothness, risk):
    """log2 of the least power of two at which the oracle's risk is at most `risk`."""
    k = 0
    while oracle(smoothness, 2**k, 1).risk > risk:
        k += 1
    return k


dimensions = (1, 2, 4, 8, 16)
needed = {
    "isotropic": [samples_for(isotropic(d), Fraction(1, 100)) for d in dimensions],
    "mixed, $a_i = i$": [samples_for(Smoothness("mixed", Power(1, 1, d)), Fraction(1, 100)) for d in dimensions],
}
right.plot(dimensions, needed["isotropic"], "s-", color=ORANGE, ms=5, lw=1, label="isotropic")
right.plot(dimensions, needed["mixed, $a_i = i$"], "o-", color=BLUE, ms=5, lw=1, label="mixed, $a_i = i$")
forever = samples_for(mixed, Fraction(1, 100))
right.axhline(forever, color=BLUE, lw=0.8, ls="--", label="mixed, d infinite")
right.set(xlabel="dimension d", ylabel="$\\log_2$ samples", title="samples for a risk of 1/100", ylim=(0, None))
right.legend(fontsize=7)
shown(figure, "curse")
assert all(b > a for a, b in zip(needed["isotropic"], needed["isotropic"][1:], strict=False))
assert set(needed["mixed, $a_i = i$"]) == {forever}
print(f"\nlog2 of the samples for a risk of 1/100, d = {dimensions}: isotropic {needed['isotropic']}, mixed {forever}")

# %% [markdown]
# ## 2. The escape, through the transformer
#
# The transformer the theorem is about has weights from a formula (see the notebook on it). Here its features are frozen,
# and only its read-out is fitted, beside the exact basis on the very same data. The target is fixed, with equal shares of
# the ball in every octave of its coefficients.
#
# Left: mean risks; bars enclose the transformer's, whose features are known up to an a-priori error. Right: how far the two
# root risks are apart, and the bound that was known before the transformer ran. The network loses nothing that data could
# show.

# %%
fits = {}
sizes = [2**k for k in range(7, last_read_out + 1)]
for name, smoothness in (("mixed, $a_i = i$", mixed), ("anisotropic, $a_i = i^2$", anisotropic)):
    target = targets.fixed(smoothness, 128, seed)
    fits[name] = curve(target, sizes, Fraction(1, 4), 4 if QUICK else 8, seed)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8))
print(f"{'':26}{'n':>6}{'T':>3}{'N':>5}{'exact':>11}{'transformer':>13}{'moved / bound':>15}")
for (name, found), colour in zip(fits.items(), (BLUE, ORANGE), strict=True):
    exact = [r.risks.mean() for r in found]
    through = [r.frozen.mean() for r in found]
    bounds = [[end.mean() for end in r.enclosure] for r in found]
    left.loglog(sizes, exact, "-", color=colour, lw=1, label=f"exact basis, {name}")
    off = [
        [v - low for v, (low, _) in zip(through, bounds, strict=True)],
        [high - v for v, (_, high) in zip(through, bounds, strict=True)],
    ]
    left.errorbar(
        sizes, through, yerr=off, fmt="x", color=colour, ms=6, capsize=3, lw=0.8, label="through the transformer"
    )
    smoothness = mixed if name.startswith("mixed") else anisotropic
    left.loglog(sizes, [float(oracle(smoothness, n, Fraction(1, 4)).risk) for n in sizes], ":", color=colour, lw=1.2)
    apart = [float(np.abs(np.sqrt(r.risks) - np.sqrt(r.frozen)).max()) for r in found]
    right.loglog(sizes, apart, "x-", color=colour, ms=5, lw=0.8, label=f"seen, {name}")
    right.loglog(sizes, [float(r.apart.min()) for r in found], "--", color=colour, lw=1.2, label="bound")
    right.loglog(sizes, [float(np.sqrt(r.risks).mean()) for r in found], "-", color=colour, lw=0.6)
    for r in found:
        assert (r.moved <= r.allowed).all()
        assert (np.abs(np.sqrt(r.risks) - np.sqrt(r.frozen)) <= r.apart + r.slack).all()
        print(
            f"{name:26}{r.n:6}{r.T:3}{r.N:5}{r.risks.mean():11.3e}{r.frozen.mean():13.3e}{(r.moved / r.allowed).max():15.3f}"
        )
left.plot([], [], "k:", lw=1.2, label="oracle of the class")
right.plot([], [], "k-", lw=0.6, label="root risk itself")
left.set(xlabel="samples n", ylabel="risk", title="$\\sigma$ = 1/4, a fixed target")
right.set(xlabel="samples n", ylabel="distance of root risks", title="transformer against exact basis")
left.legend(fontsize=6.5)
right.legend(fontsize=6.5)
shown(figure, "read_out")

# %% [markdown]
# ## 3. Dynamic importance
#
# Now a window holds six tokens, each with a value and an importance, and the target is smooth in the values *sorted by
# importance*. Rounds of attention sort: in each round the tokens already picked are masked by a code of their importance,
# and the next most important one wins. Below, the attention of four rounds on three windows; numbers are importances.

# %%
windows = Windows(6, Fraction(1, 12))
attention = ImportanceAttention(windows.gap, importance_laws.temperature(6, windows.gap, Fraction(1, 100)))
importances, _ = windows.draw(3, np.random.default_rng(seed))
figure, axes = plt.subplots(1, 3, figsize=(11, 2.4))
for axis, window in zip(axes, importances, strict=True):
    rows = np.array(attention.rounds(window.tolist(), 4))
    order = np.argsort(-window)
    for number, row in enumerate(rows):
        assert int(row.argmax()) == order[number]
        assert 1 - row.max() <= float(importance_laws.leak(6, windows.gap, attention.chi)) + 2.0**-40
    image = axis.imshow(rows, vmin=0, vmax=1, cmap="viridis", aspect="auto")
    axis.set_xticks(range(6), [f"{mu:.2f}" for mu in window])
    axis.set_yticks(range(4), ["1st", "2nd", "3rd", "4th"])
    axis.set(xlabel="importance of the token")
axes[0].set(ylabel="round")
figure.colorbar(image, ax=axes, label="attention")
shown(figure, "rounds")

# %% [markdown]
# Three readers with the same functions and data: sorted by rounds of attention, with the explicit network behind; the same
# rounds on 1 - importance, the least first; and the tokens in the order of the window.
#
# A fixed order that does not see the importances can at best predict the mean over all orders. What it leaves is exact, a
# floor that no number of data lowers: a single wave keeps a sixth of its energy. (Sorted, the risk ends at the tail of level
# $T = 4$, which is not raised with $n$ here.) The right figure is about a fixed order that
# *does* see the importances, for a window of two: the target jumps where they change places, so that $N$ functions leave about
# $N^{-1/2}$, exactly computed, however smooth the target is. Sorted, $N$ functions leave $4^{-\lambda}$.

# %%
study = Study(targets.fixed(mixed, 41, seed), 4, windows)
sizes = [2**k for k in range(9, 12 if QUICK else 14)]
noise = Fraction(1, 8)
readings = {order: [study.read(order, n, noise, 4 if QUICK else 8, seed) for n in sizes] for order in ORDERS}
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8))
for (order, found), colour, mark in zip(readings.items(), (BLUE, PINK, ORANGE), "os^", strict=True):
    left.loglog(sizes, [r.risks.mean() for r in found], mark + "-", color=colour, ms=5, lw=1, label=order)
    ends = np.array([r.bracket for r in found])
    left.fill_between(sizes, ends[:, 0], ends[:, 1], color=colour, alpha=0.2, lw=0)
    for r in found:
        assert r.least.min() >= 1 / 2, "well conditioned, as the bounds assume"
        assert r.mean(seed, SURE).meets(*r.bracket)
left.axhline(float(study.floor), color=BLACK, lw=1, ls="--", label="floor of every fixed order")
left.set(
    xlabel="samples n", ylabel="risk", title=f"N = {readings['sorted'][0].N} functions, three readers, $\\sigma$ = 1/8"
)
left.legend(fontsize=7)
assert all(r.risks.min() > float(study.floor) for r in readings["fixed order"])
assert all(r.risks.max() < float(study.floor) / 10 for r in readings["sorted"])
K = np.array([0, *(2**k for k in range(9))])
functions = [fixed_order_laws.pair_functions(int(k)) for k in K]
tails = [fixed_order_laws.pair_tail(int(k)) for k in K]
right.loglog(functions, tails, "s-", color=ORANGE, ms=4, lw=1, label="fixed order that sees importances, W = 2")
right.loglog(functions, [tails[4] * (m / functions[4]) ** -0.5 for m in functions], "k:", lw=1, label="$N^{-1/2}$")
right.axhline(1 / 2, color=GREY, lw=1, ls="--", label="fixed order that does not, W = 2")
right.set(
    xlabel="functions N",
    ylabel="squared error left of a wave of norm 1",
    title="what smoothness is left in a fixed order",
)
right.legend(fontsize=7)
slope = float(np.log(tails[-1] / tails[-2]) / np.log(functions[-1] / functions[-2]))
assert abs(slope + 1 / 2) <= 1 / K[-2]
shown(figure, "importance")
print(f"floor {float(study.floor):.4f} of a norm of {float(study.norm):.4f}")
for order, found in readings.items():
    print(f"{order:12} " + "  ".join(f"n = {r.n}: {r.risks.mean():.2e}" for r in found))

# %% [markdown]
# ## Sharing
#
# A sequence has many outputs, and the map is shift-equivariant: the network at every position may be the same. Left: the risk,
# averaged over $L$ outputs, of one read-out for all positions and of one for each. Overlapping windows are dependent, yet the
# trace of the Gram matrix is $N$ for any tokens, so $nL$ rows are worth nearly $nL$ independent ones: the ratio is $L$ up to a
# factor that was bounded beforehand (asserted). Middle: the ratio. Right: weights of the explicit network. If outputs differ,
# here by a factor of 1 ± 1/2, sharing hits a floor.

# %%
outputs = [1, 2, 4, 8, 16] if QUICK else [1, 2, 4, 8, 16, 32, 64]
hard = targets.fixed(mixed, 9, seed)
n = 1024
shares = [share(hard, L, n, Fraction(1, 4), replicates, seed) for L in outputs]
unlike = [share(hard, L, n, Fraction(1, 4), 4, seed, turn=0.5) for L in outputs]
weights = Weights(mixed, 3).features.nonzeros
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12.5, 3.4))
left.loglog(outputs, [s.separate.mean() for s in shares], "s-", color=ORANGE, ms=4, lw=1, label="one for each output")
left.loglog(outputs, [s.shared.mean() for s in shares], "o-", color=BLUE, ms=4, lw=1, label="shared")
left.loglog(outputs, [s.shared.mean() for s in unlike], "x:", color=PINK, ms=5, lw=1, label="shared, outputs differ")
left.set(xlabel="outputs L", ylabel="mean risk", title=f"N = 9, n = {n}, $\\sigma$ = 1/4")
ratios = [s.ratio(seed) for s in shares]
middle.errorbar(
    outputs,
    [r.value for r in ratios],
    yerr=[[r.value - r.low for r in ratios], [r.high - r.value for r in ratios]],
    fmt="o",
    color=BLUE,
    ms=4,
    capsize=3,
    lw=0.8,
    label="separate / shared, 95 %",
)
ends = np.array([[float(end) for end in s.bracket] for s in shares])
middle.fill_between(outputs, ends[:, 0], ends[:, 1], color=GREY, alpha=0.5, lw=0, label="bounds known beforehand")
middle.set(xlabel="outputs L", ylabel="ratio of risks", title="what sharing saves", xscale="log", yscale="log")
one, many = zip(*(sharing_laws.parameters(L, weights) for L in outputs), strict=True)
right.loglog(outputs, many, "s-", color=ORANGE, ms=4, lw=1, label="one for each output")
right.loglog(outputs, one, "o-", color=BLUE, ms=4, lw=1, label="shared")
right.set(xlabel="outputs L", ylabel="nonzero weights", title="explicit networks of level T = 3")
for axis in (left, middle, right):
    axis.legend(fontsize=7)
shown(figure, "sharing")
for s, u in zip(shares, unlike, strict=True):
    assert s.failed == 0
    assert s.ratio(seed, SURE).meets(*map(float, s.bracket))
    assert u.outputs == 1 or u.shared.min() >= u.floor
assert shares[-1].shared.mean() < unlike[-1].floor / 50

# %% [markdown]
# ## Trained networks, apart
#
# Small networks trained by Adam on noisy samples of the same kind of target, eight seeds at once. **This is no evidence for or
# against the theorem**, which is about minimisers of the empirical risk and about explicit weights: what is seen here depends on
# the optimiser, its steps, and widths that nobody derived. Risks are means over 4096 fresh points, bars the range over seeds.

# %%
target = targets.fixed(mixed, 19, seed)
sizes = [2**k for k in range(6, 9 if QUICK else 11)]
models = {"MLP, width 64": lambda d: MLP(d, 64), "transformer, width 16": lambda d: SmallTransformer(d, 16)}
seeds = 4 if QUICK else 8
trained = {
    name: [train(make, target, n, Fraction(1, 4), seeds, seed, steps) for n in sizes] for name, make in models.items()
}
figure, axis = plt.subplots(figsize=(6, 3.6))
for (name, found), colour in zip(trained.items(), (GREEN, PINK), strict=True):
    means = np.array([t.risks.mean() for t in found])
    off = [means - [t.risks.min() for t in found], [t.risks.max() for t in found] - means]
    axis.errorbar(sizes, means, yerr=off, fmt="d--", color=colour, ms=4, capsize=3, lw=0.8, label=f"trained: {name}")
    assert all(t.label == DISCLAIMER for t in found)
    assert found[-1].risks.mean() < found[0].risks.mean() < float(target.tail(0))
axis.axhline(float(target.tail(0)), color=GREY, lw=1, label="the zero function")
axis.set(xlabel="samples n", ylabel="risk on fresh points", xscale="log", yscale="log")
axis.set_title("trained by Adam: no evidence for or against the theorem")
axis.legend(fontsize=7)
shown(figure, "trained")
