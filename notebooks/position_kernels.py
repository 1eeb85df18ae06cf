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
# # Position kernels: what a mixture changes
#
# A position bias adds $b(i-j)$ to the score of a query and a key before softmax; the kernel is $K = e^b$. ALiBi is
# $b(d) = -rd$. MEP (Weiguo Gao, arXiv 2403.17698) takes the logarithm of a mean of kernels: of $e^{-rd}$ and
# $e^{-rd^2}$, or of these and $e^{-rd/2}$. The abstract, a summary and public code were read, not the paper's text; what
# follows about mixtures is derived here.
#
# Five figures: the biases, the windows they amount to, how much attention leaves a window, where the bias stops being
# conditionally positive definite, and what number formats do. Every number that is plotted and matters is asserted;
# `weightproof verify 'position-kernels/*'` decides the claims behind them.

# %%
import math
import os
from fractions import Fraction
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import torch
from flint import ctx

from constructions.layers.position_kernels.tensors import Tensors
from theory.formats import FORMATS
from theory.position_kernels.arithmetic import BALLS, FLOATS
from theory.position_kernels.definite_laws import definite
from theory.position_kernels.definiteness import THREE_BRACKET, TWO_BRACKET
from theory.position_kernels.far_mass_laws import escapes_at, uniform_mass
from theory.position_kernels.kernels import Buckets, Constant, Exponential, Gaussian, Logarithmic, Tanh
from theory.position_kernels.mixtures import Mixture, alibi, naive, three_kernels, two_kernels
from theory.position_kernels.properties import Property, broken
from theory.position_kernels.rounded import frontier
from theory.position_kernels.slopes import bucket_starts, released_slopes
from theory.position_kernels.symbols import THREE, TWO
from theory.position_kernels.window_laws import closed_form, matched, window

# %% [markdown]
# ## Parameters
#
# Change them and run all cells again.

# %%
QUICK = os.environ.get("WEIGHTPROOF_QUICK") == "1"

rate = Fraction(1, 16)  # the slope of the first figures
heads = 8  # whose released slopes are marked
logits = Fraction(1)  # |q k| at most, where far mass is bounded
grid = 24 if QUICK else 96  # points a side of the map
longest = 1 << 12  # distances of the map's symbols

# %%
plt.rcParams.update({"figure.dpi": 90, "font.size": 9, "axes.titlesize": 10, "figure.constrained_layout.use": True})
BLACK, BLUE, ORANGE, GREEN, PINK, SKY = "black", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"
slopes = released_slopes(heads)


def biases(kernel, distances):
    return np.broadcast_to(kernel.log(distances, FLOATS), distances.shape)


# %% [markdown]
# ## The slowest kernel decides the tail
#
# $\max_i \log K_i - \log n \le b \le \max_i \log K_i$: far away the mean of three kernels is ALiBi at half the slope, less
# $\log 3$, and the mean of two is ALiBi less $\log 2$. No new kind of decay appears. The Gaussian lifts only the shortest
# distances, by at most $\log(3/2)$ in three kernels and $\log 2$ in two.

# %%
d = np.arange(0, 129)
plain = biases(alibi(rate), d)
mixed = {"two kernels": biases(two_kernels(rate), d), "three kernels": biases(three_kernels(rate), d)}
half_slope = biases(alibi(rate / 2), d)

_, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3))
left.plot(d, plain, color=BLACK, label="ALiBi, slope r")
left.plot(d, mixed["two kernels"], color=BLUE, label="two kernels")
left.plot(d, mixed["three kernels"], color=ORANGE, label="three kernels")
left.plot(d, half_slope - math.log(3), color=ORANGE, ls=":", label="ALiBi, slope r/2, less log 3")
left.plot(d, plain - math.log(2), color=BLUE, ls=":", label="ALiBi, less log 2")
left.set(xlabel="distance d (positions)", ylabel="bias b(d)", title=f"biases, r = {rate}")
left.legend(fontsize=7)
right.plot(d, mixed["two kernels"] - (plain - math.log(2)), color=BLUE, label="two kernels")
without = biases(Mixture((Exponential(rate), Exponential(rate / 2))), d) + math.log(2) - math.log(3)
right.plot(d, mixed["three kernels"] - without, color=ORANGE, label="three kernels")
right.axhline(math.log(2), color=BLUE, ls=":", lw=0.8)
right.axhline(math.log(1.5), color=ORANGE, ls=":", lw=0.8)
right.set(
    xlabel="distance d (positions)",
    ylabel="bias with less bias without it",
    title="what the Gaussian adds",
    xlim=(0, 40),
)
right.legend(fontsize=7)
plt.show()

parts = np.array([biases(k, d) for k in three_kernels(rate).kernels]).max(0)
spare = 8 * np.finfo(float).eps * (1 + np.abs(parts))  # a handful of rounded operations each
assert (mixed["three kernels"] <= parts + spare).all()
assert (mixed["three kernels"] >= parts - math.log(3) - spare).all()
assert (mixed["three kernels"] - without <= math.log(1.5) + spare).all()
assert (mixed["two kernels"] - plain <= spare).all()

# %% [markdown]
# ## Effective windows
#
# $W = \sum_{d \ge 0} K(d)$ is the number of equally weighted positions that a kernel amounts to. For the mixtures it is a
# mean of geometric series and a theta function. Three kernels of slope $r$ have a window about
# $\frac16\sqrt{\pi/r}$ positions wider than ALiBi of the *same* slope; ALiBi of half the slope, whose tail they share, has
# twice it. So a comparison at equal slope compares nearly equal windows, and a fair one matches them.

# %%
rates = [Fraction(1, 1 << k) for k in range(1, 9)]
one, two, three = ([float(closed_form(of(r)).mid()) for r in rates] for of in (alibi, two_kernels, three_kernels))
matching = [float(matched(closed_form(three_kernels(r))).mid()) / float(r) for r in rates]
guess = [w + math.sqrt(math.pi / float(r)) / 6 for w, r in zip(one, rates, strict=True)]

_, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3))
r = [float(x) for x in rates]
left.loglog(r, one, "o-", color=BLACK, label="ALiBi")
left.loglog(r, two, "s-", color=BLUE, label="two kernels")
left.loglog(r, three, "D-", color=ORANGE, label="three kernels")
left.loglog(r, guess, color=ORANGE, ls=":", label=r"ALiBi + $\sqrt{\pi/r}/6$")
left.set(xlabel="slope r (1 / positions)", ylabel="window W (positions)", title="effective windows, closed forms")
left.legend(fontsize=7)
right.semilogx(r, matching, "D-", color=ORANGE)
right.axhline(1, color=BLACK, lw=0.8, ls=":")
right.set(
    xlabel="slope r (1 / positions)", ylabel="slope of that ALiBi / r", title="ALiBi with the window of three kernels"
)
plt.show()

for of, r in ((alibi, rates[3]), (two_kernels, rates[3]), (three_kernels, rates[5])):
    assert closed_form(of(r)).overlaps(window(of(r), 64)), "the closed form is the sum"
assert all(0.83 < x < 0.99 for x in matching)
assert all(0 < g - w < Fraction(1, 6) * math.tanh(0.5 / 4) + 1e-3 for g, w in zip(guess, three, strict=True))

# %% [markdown]
# ## How much attention leaves a window
#
# With logits of size at most $B$, at most $e^{2B}T/(e^{2B}T+H)$ of a query's attention lies beyond $w$ positions, $H$ and $T$
# the kernel's sums inside and beyond. This is small for *all* lengths at once exactly when $\sum K$ is finite. Left: the
# bound of summable kernels against $w$, whatever the length. Right: kernels that are not summable, against the length:
# however slowly, the attention leaves every window, and a mixture inherits that from any one of its parts.

# %%
widths = [2**k for k in range(1, 10)]
bounded = {
    "ALiBi": (alibi(rate), BLACK),
    "two kernels": (two_kernels(rate), BLUE),
    "three kernels": (three_kernels(rate), ORANGE),
    "tanh": (Tanh(rate), GREEN),
    "KERPLE log, p = 2": (Logarithmic(rate, Fraction(2)), PINK),
}
bound = {name: [float(uniform_mass(kernel, w, logits).mid()) for w in widths] for name, (kernel, _) in bounded.items()}
starts = bucket_starts()
escaping = {
    "no bias": (Constant(), BLACK),
    "KERPLE log, p = 1": (Logarithmic(rate, Fraction(1)), PINK),
    "T5, falling": (Buckets(tuple(Fraction(-j, 4) for j in range(len(starts))), starts), GREEN),
    "ALiBi mixed with no bias": (Mixture((Exponential(rate), Constant())), ORANGE),
}
w = 64
lengths = np.unique(np.logspace(np.log10(w + 1), 6, 60).astype(int))
leaves = {}
for name, (kernel, _) in escaping.items():
    sums = np.cumsum(np.exp(biases(kernel, np.arange(lengths[-1]))))
    leaves[name] = 1 - sums[w - 1] / sums[lengths - 1]

_, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3))
for name, (_, colour) in bounded.items():
    left.loglog(widths, np.maximum(bound[name], 1e-12), "o-", ms=3, color=colour, label=name)
left.set(
    xlabel="window w (positions)",
    ylabel="share beyond w, at most",
    title=f"every length, logits within {logits}",
    ylim=(1e-9, 1.5),
)
left.legend(fontsize=7)
for name, (_, colour) in escaping.items():
    right.semilogx(lengths, leaves[name], color=colour, label=name)
right.set(xlabel="length N (positions)", ylabel=f"share beyond {w}", title="not summable, equal logits", ylim=(0, 1))
right.legend(fontsize=7)
plt.show()

assert all(a > b for of in bound.values() for a, b in pairwise(of)), "wider windows lose less"
assert all(of[-1] > 0.5 for of in leaves.values()), "half of the attention has left"
half_gone = escapes_at(escaping["ALiBi mixed with no bias"][0], w, Fraction(1, 2), 4096)
print(f"ALiBi mixed with no bias: more than half lies beyond {w} from N = {half_gone} on")
assert half_gone is not None

# %% [markdown]
# ## Where the bias stops being conditionally positive definite
#
# KERPLE asks of a bias that $\sum c_ic_jb(|i-j|) \ge 0$ for all $c$ of sum 0. Log-convex kernels keep this when they are
# mixed. The Gaussian is log-concave, and breaks it below a slope. The map shows the least value of the symbol
# $s(w) = a(0) + 2\sum_d a(d)\cos(dw)$, $a(d) = 2b(d) - b(d+1) - b(d-1)$, over the slope and the Gaussian's weight: negative
# means that some head of that slope fails. Lines: the certified slopes of the equal mixtures of two kernels (at weight 1/2)
# and of three; ticks: the slopes released for 8 heads.


# %%
def least_symbol(kernel, count):
    b = biases(kernel, np.arange(count + 1))
    a = 2 * b[:count] - b[1:] - b[np.abs(np.arange(count) - 1)]
    return float((2 * np.fft.rfft(a, 8 * count).real - a[0]).min())


axis_rate = np.logspace(-3, 0, grid)
axis_weight = [Fraction(2 * k + 1, 2 * grid) for k in range(grid)]
table = np.array(
    [
        [
            least_symbol(
                Mixture((Exponential(float(x)), Gaussian(float(x))), (1 - y, y)),
                min(longest, int(40 / x) + 64),
            )
            / x
            for x in axis_rate
        ]
        for y in axis_weight
    ]
)

_, axes = plt.subplots(figsize=(6.5, 3.8))
weights = [float(y) for y in axis_weight]
mesh = axes.pcolormesh(axis_rate, weights, table, cmap="PuOr", vmin=-2, vmax=2, shading="nearest", rasterized=True)
axes.contour(axis_rate, weights, table, levels=[0], colors=BLACK, linewidths=1)
plt.colorbar(mesh, label="least value of s(w) / r")
axes.set_xscale("log")
axes.plot([float(TWO_BRACKET[0])], [0.5], "o", color=BLACK, ms=5)
axes.annotate(f"two kernels: r* = {float(TWO_BRACKET[0]):.6f}", (float(TWO_BRACKET[0]), 0.5), (0.1, 0.56), fontsize=8)
axes.axvline(float(THREE_BRACKET[0]), color=BLACK, ls=":", lw=1)
axes.annotate(
    f"three kernels:\nr* = {float(THREE_BRACKET[0]):.6f}", (float(THREE_BRACKET[0]), 0.85), (0.0033, 0.86), fontsize=8
)
for slope in slopes:
    axes.axvline(FLOATS.number(slope), ymax=0.04, color=BLACK, lw=1)
axes.set(
    xlabel="slope r (1 / positions)",
    ylabel="weight of the Gaussian",
    title="conditionally positive definite (violet) or not (orange)",
)
plt.show()

for family, pair in ((TWO, TWO_BRACKET), (THREE, THREE_BRACKET)):
    with ctx.workprec(100):
        assert [definite(family, BALLS.number(end)) for end in pair] == [False, True], "in balls, at both ends"
rows = []
for slope in slopes:
    with ctx.workprec(100):
        told = [definite(family, BALLS.number(slope)) for family in (TWO, THREE)]
    assert None not in told
    rows.append((slope, *told))
    print(f"slope {slope}: two kernels {'yes' if told[0] else 'no'}, three kernels {'yes' if told[1] else 'no'}")
assert [two for _, two, _ in rows] == [FLOATS.number(s) > float(TWO_BRACKET[0]) for s in slopes]
assert [three for _, _, three in rows] == [FLOATS.number(s) > float(THREE_BRACKET[0]) for s in slopes]
with ctx.workprec(1000):  # the minors of a nearly definite matrix are small
    smallest = broken(two_kernels(Fraction(1, 32)), Property.CONDITIONALLY, 64)
print(f"two kernels of slope 1/32: {smallest} positions show it")
assert smallest is not None

# %% [markdown]
# ## What number formats do
#
# Written as it reads, $\log\frac1n\sum_i e^{b_i}$ is $-\infty$ once every exponential has underflowed, and the gradient of a
# learned slope is NaN there. Through logsumexp neither happens. The distance at which it happens depends on the slope and
# the format, and is predicted exactly.

# %%
formats = {"fp16": (torch.float16, GREEN), "bf16": (torch.bfloat16, BLUE), "fp32": (torch.float32, ORANGE)}
shown = [Fraction(1, 1 << k) for k in range(1, 9)]
predicted = {name: [frontier(2, r, FORMATS[name]) for r in shown] for name in formats}
seen = {name: [] for name in formats}
for name, (dtype, _) in formats.items():
    for r, expected in zip(shown, predicted[name], strict=True):
        far = torch.arange(2 * expected + 2)
        values = naive(two_kernels(float(r)), far.to(dtype), Tensors(dtype))
        seen[name].append(int(torch.isinf(values).nonzero()[0]))

_, axes = plt.subplots(figsize=(5.5, 3.3))
for name, (_, colour) in formats.items():
    axes.loglog([float(r) for r in shown], predicted[name], color=colour, label=f"{name}, predicted")
    axes.loglog([float(r) for r in shown], seen[name], "o", color=colour, mfc="none", label=f"{name}, torch")
axes.set(
    xlabel="slope r (1 / positions)", ylabel="distance (positions)", title="log of the mean as written: first -inf"
)
axes.legend(fontsize=7, ncol=3)
plt.show()

assert seen["fp32"] == predicted["fp32"]
slope = torch.tensor(0.5, requires_grad=True)
far = torch.tensor([float(2 * predicted["fp32"][0])])
gradients = {}
for name, of in (("as written", naive), ("logsumexp", lambda mixture, d, ops: mixture.log(d, ops))):
    (gradients[name],) = torch.autograd.grad(of(two_kernels(slope), far, Tensors()).sum(), slope)
    print(f"gradient of the slope at distance {far.item():.0f}, {name}: {gradients[name].item()}")
assert gradients["as written"].isnan()
assert gradients["logsumexp"].isfinite()

# %% [markdown]
# ## What this does not say
#
# - Not that a bias which is not conditionally positive definite is worse: KERPLE's hypothesis is sufficient for its
#   derivation, and no model here needs it. It says which released heads lie outside that theory.
# - Not which kernel extrapolates best: that is a question about trained models, and one about windows first, since a
#   mixture compared with ALiBi of another window compares windows.
