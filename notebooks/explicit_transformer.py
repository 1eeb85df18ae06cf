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
# # A transformer whose weights come from a formula
#
# A target of mixed or anisotropic smoothness is a sum of waves. Its explicit transformer has one block of attention, a
# head for each token offset that matters, and one ReLU network that makes the $N = G(T)$ products of waves below level
# $T$ and adds them up. Nothing is trained: every weight, depth and temperature is solved from an error bound that is
# known before the first token is seen.
#
# The scheme is that of Takakura and Suzuki (ICML 2023); its constants, weights and bounds are derived here. Every
# number that is plotted is asserted. Set `WEIGHTPROOF_FIGURES` to a folder to get the figures as svg.

# %%
import math
import os
from fractions import Fraction
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

from constructions.takakura_suzuki.explicit_module import ExplicitTransformer, coordinates, explicit_table
from constructions.takakura_suzuki.module import ReLUNetwork
from constructions.takakura_suzuki.offsets import OffsetAttention, dyadic, single
from constructions.takakura_suzuki.target import Target, spread
from constructions.takakura_suzuki.transformer import Plan
from empirics.rates.figures import COLOURS, save
from theory.takakura_suzuki import offset_laws
from theory.takakura_suzuki.counting import count, next_level
from theory.takakura_suzuki.smoothness import Power, Smoothness, mixed

# %% [markdown]
# ## Parameters
#
# Change them and run all cells again.

# %%
QUICK = os.environ.get("WEIGHTPROOF_QUICK") == "1"

classes = {
    "mixed, $a_i = i$": Smoothness("mixed", Power(1)),
    "mixed, $a_i = i^2$": Smoothness("mixed", Power(2)),
    "anisotropic, $a_i = i^2$": Smoothness("anisotropic", Power(2)),
}
levels = range(2, 6 if QUICK else 8)  # T
last_law = 8 if QUICK else 11  # formulas alone are drawn up to here
points = 64 if QUICK else 256  # random windows for an error
seed = 0
torch.set_num_threads(1)

# %%
plt.rcParams.update({"figure.dpi": 90, "font.size": 9, "axes.titlesize": 10, "figure.constrained_layout.use": True})
BLUE, ORANGE, GREEN, *_ = COLOURS
BLACK, GREY = "black", "0.6"
colours = dict(zip(classes, (BLUE, ORANGE, GREEN), strict=True))
marks = dict(zip(classes, "os^", strict=True))


def shown(figure, name):
    """Draw, and write the vector file where a folder was named."""
    if folder := os.environ.get("WEIGHTPROOF_FIGURES"):
        save(figure, Path(folder) / f"{name}.svg")
    plt.show()


# %% [markdown]
# ## One wave, to see it
#
# The network that makes $\sqrt2\,(\cos 2\pi x + \sin 4\pi x)/8$ on one coordinate, planned for the levels $T = 3, 5, 7$.
# Its cosine folds the input (exactly), squares by sawtooth and doubles angles by logistic steps; more level, more
# depth, less error. The dotted lines are the bounds, known beforehand for all $x$.

# %%
one = mixed(1, 9)
waves = Target(one, {(-1,): Fraction(1, 8), (2,): Fraction(1, 8)})
x = np.linspace(0, 1, 2001)
exact = waves(x[:, None])
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.2))
left.plot(x, exact, color=BLACK, lw=2.5, label="target")
for T, colour in zip((3, 5, 7), (ORANGE, BLUE, GREEN), strict=True):
    plan = Plan(one, T)
    network = plan.network(waves)
    found = ReLUNetwork(network, torch.float64)(torch.from_numpy(x[:, None]))[:, 0].numpy()
    off, bound = np.abs(found - exact), float(plan.network_error(waves))
    assert off.max() <= bound <= float(plan.accuracy) == 2.0**-T
    left.plot(x, found, color=colour, lw=1, label=f"T = {T}: {network.depth} layers")
    right.semilogy(x, np.maximum(off, 1e-7), color=colour, lw=0.8, label=f"T = {T}")
    right.axhline(bound, color=colour, ls=":", lw=1.2)
left.set(xlabel="x", ylabel="value", title="a target and three networks")
right.set(xlabel="x", ylabel="|network - target|", title="error, and its bound for all x", ylim=(1e-7, 1))
left.legend(fontsize=7)
right.legend(fontsize=7)
shown(figure, "waves")

# %% [markdown]
# ## The table
#
# For each class and level a random target of norm nearly 1 with all $N = G(T)$ coefficients. *sup* and *L2* are over
# random windows of tokens, through the attention; *bound* is over all tokens. Sizes equal their formulas exactly.

# %%
tables = {name: explicit_table(smoothness, levels, seed, points) for name, smoothness in classes.items()}
print(
    f"{'':26}{'T':>2}{'N':>5}{'sup':>10}{'L2':>10}{'bound':>10}{'2^-T':>9}{'depth':>7}{'width':>7}{'nonzeros':>10}"
    f"{'/(T^2 2^(T/a_1))':>18}{'heads':>7}{'temp.':>7}"
)
for name, rows in tables.items():
    for row in rows:
        T = row["T"]
        assert row["N"] == count(classes[name], T), "N = G(T)"
        assert row["l2"] <= row["sup"] <= row["bound"] <= row["accuracy"] == 2.0**-T
        assert all(row[what] == row[f"{what} law"] for what in ("depth", "width", "nonzeros"))
        assert row["largest inner weight"] == 4
        assert row["largest last weight"] <= row["last weight bound"]
        print(
            f"{name:26}{T:2}{row['N']:5}{row['sup']:10.2e}{row['l2']:10.2e}{row['bound']:10.2e}{2.0**-T:9.2e}"
            f"{row['depth']:7}{row['width']:7}{row['nonzeros']:10}{row['nonzeros / (T^2 2^(T/a_1))']:18.1f}"
            f"{row['heads']:7}{row['temperature']:7.2f}"
        )

# %% [markdown]
# ## Error
#
# Left: how far the transformer is from the truncated target $f_T$. It lies well below its bound, and the further the
# more terms there are: the bound adds up absolute values of errors that partly cancel.
#
# Right: how far it is from the target $f$ itself, which has coefficients well above $T$. Now truncation rules: over the
# whole ball the worst $\|f - f_T\|_2$ is exactly $2^{-\min\{\gamma(s) \ge T\}}$ (bars), and no linear space of $N$
# functions has a smaller one. The transformer's L2 error is that of $f_T$ up to its bound.

# %%
beyond = levels[-1] + 2
draws = 1000 if QUICK else 4000
through = {}
for name, smoothness in classes.items():
    rough = spread(smoothness, beyond, seed)
    rows = []
    for T in levels:
        plan = Plan(smoothness, T)
        reach = Plan(smoothness, beyond).reach
        tokens = np.random.default_rng(seed).random((draws, 2 * reach + 1, 1))
        inner = tokens[:, reach - plan.reach : reach + plan.reach + 1]  # the same windows for every level
        made = ExplicitTransformer(plan, rough, torch.float64)(torch.from_numpy(inner))[:, 0].numpy()
        values = rough(coordinates(Plan(smoothness, beyond), tokens))
        kept = Target(smoothness, {index: c for index, c in rough.coefficients.items() if index in set(plan.kept)})
        truncated = kept(coordinates(plan, inner))
        bound, tail = float(plan.error(rough)), math.sqrt(rough.tail(T))
        worst = 2.0 ** -float(next_level(smoothness, T))
        off, cut = made - values, values - truncated
        rms = [float(np.sqrt(np.mean(v**2))) for v in (off, cut)]
        assert tail <= worst <= 2.0**-T
        assert np.abs(made - truncated).max() <= bound
        assert abs(rms[0] - rms[1]) <= bound, "the triangle inequality on the sample"
        spread_of_square = float(np.std(cut**2)) / math.sqrt(draws)
        assert abs(rms[1] ** 2 - tail**2) <= 5 * spread_of_square, "the sample agrees with the exact tail"
        rows.append((T, rms[0], float(np.abs(off).max()), tail, worst, bound, plan.features.nonzeros))
    through[name] = np.array(rows)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8))
for name, rows in tables.items():
    at = [row["T"] for row in rows]
    left.semilogy(at, [row["sup"] for row in rows], marks[name] + "-", color=colours[name], ms=5, lw=1, label=name)
    left.semilogy(at, [row["l2"] for row in rows], marks[name] + "--", color=colours[name], ms=3, lw=0.8, mfc="white")
    left.semilogy(at, [row["bound"] for row in rows], ":", color=colours[name], lw=1.5)
left.semilogy(levels, [2.0**-T for T in levels], color=GREY, lw=1)
left.plot([], [], "k-", lw=1, label="sup over random windows")
left.plot([], [], "k--", lw=0.8, label="L2")
left.plot([], [], "k:", lw=1.5, label="bound for this target, all windows")
left.plot([], [], color=GREY, lw=1, label="$2^{-T}$: bound for the class")
left.set(xlabel="level T", ylabel="error", title="transformer against the truncated target")
for name, rows in through.items():
    right.semilogy(rows[:, 0], rows[:, 1], marks[name] + "-", color=colours[name], ms=5, lw=1, label=f"L2, {name}")
    right.semilogy(rows[:, 0], rows[:, 4], "_", color=colours[name], ms=14, mew=1.5)
right.plot([], [], "_", color=BLACK, ms=12, mew=1.5, label="worst truncation over the ball, exact")
right.semilogy(levels, [2.0**-T for T in levels], color=GREY, lw=1, label="$2^{-T}$")
right.set(xlabel="level T", ylabel="error", title=f"transformer against the target, of level {beyond}")
for axis in (left, right):
    axis.set_xticks(list(levels))
    axis.legend(fontsize=6.5)
shown(figure, "error")

# %% [markdown]
# ## Size
#
# Left: nonzero weights over $T^2$, beside $2^{T/a_1}$ times a constant. For mixed smoothness the two run in parallel:
# the infinitely many other coordinates cost a constant factor. For anisotropic smoothness $G(T)$ grows as $2^{\tilde a
# T}$, $\tilde a = \sum 1/a_i$, so the ratio must grow. Points are compiled networks, lines the formula.
#
# Right: what an error costs. The worst error over the ball against the number of weights; the slopes of the thin lines
# are $-a_1$ (mixed) and $-1/\tilde a$ (anisotropic), the exponents without logarithms. The factor $T^2$ makes the
# points fall more slowly at these sizes.

# %%
laws = {}
for name, smoothness in classes.items():
    rows = []
    for T in range(levels[0], last_law + 1):
        plan = Plan(smoothness, T)
        law = plan.size
        worst = 2.0 ** -float(next_level(smoothness, T)) + float(plan.class_error)
        rows.append(
            (T, law.hidden + law.last, law.depth, law.width, len(plan.kept), float(plan.last_weight_bound), worst)
        )
    laws[name] = np.array(rows)
    found = tables[name]
    assert laws[name][: len(found), 1].tolist() == [row["nonzeros"] for row in found]
a_tilde = math.pi**2 / 6  # sum of 1 / i^2
exponent = {"mixed, $a_i = i$": 1, "mixed, $a_i = i^2$": 1, "anisotropic, $a_i = i^2$": 1 / a_tilde}
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8))
for name, rows in laws.items():
    T, weights, worst = rows[:, 0], rows[:, 1], rows[:, 6]
    left.semilogy(T, weights / T**2, "-", color=colours[name], lw=1)
    some = tables[name]
    left.semilogy(
        [row["T"] for row in some],
        [row["nonzeros"] / row["T"] ** 2 for row in some],
        marks[name],
        color=colours[name],
        ms=5,
        label=name,
    )
    right.loglog(weights, worst, marks[name] + "-", color=colours[name], ms=4, lw=1, label=name)
    line = worst[-1] * (weights / weights[-1]) ** -exponent[name]
    right.loglog(weights, line, color=colours[name], lw=0.7, ls="--")
T = laws["mixed, $a_i = i$"][:, 0]
left.semilogy(T, 20 * 2**T, color=GREY, lw=1, label="$20 \\cdot 2^{T/a_1}$")
left.set(xlabel="level T", ylabel="nonzero weights / $T^2$", title="size")
right.plot([], [], "k--", lw=0.7, label="slope $-a_1$ or $-1/\\tilde a$")
right.set(xlabel="nonzero weights", ylabel="worst L2 error over the ball", title="weights against error")
left.legend(fontsize=7)
right.legend(fontsize=7)
shown(figure, "size")
for name, rows in laws.items():
    ratio = rows[:, 1] / (rows[:, 0] ** 2 * 2 ** rows[:, 0])
    print(f"{name:26} nonzeros / (T^2 2^(T/a_1)): " + " ".join(f"{r:.1f}" for r in ratio))

# %% [markdown]
# The constant is bounded by a count. A wave has at most $4 + 5C + (8J - 4) + m(8J - 5)$ weights, a product with its
# waiting values at most $16 J' + 90$, a basis function of $k$ coordinates has $k - 1$ products. So

# %%
for name, smoothness in classes.items():
    for T in range(levels[0], last_law + 1):
        plan = Plan(smoothness, T)
        d, k = plan.depths, plan.largest_support
        wave = 4 + 5 * d.folds + (8 * d.levels - 4) + d.steps * (8 * d.levels - 5)
        number = len({(i, f) for index in plan.kept for i, f in enumerate(index) if f})
        most = number * wave + len(plan.kept) * ((k - 1) * (16 * d.product_levels + 90) + 7)
        assert plan.size.hidden + plan.size.last <= most
        assert number <= len(plan.kept)
    print(f"{name:26} at T = {T}: {plan.size.hidden + plan.size.last} weights, at most {most}")

# %% [markdown]
# ## Depth, width, weights, temperature
#
# Points are counted in the compiled network, lines are the formulas. Depth grows as $T^2$: logistic steps times sawtooth
# levels, $\log_2$ of the accuracy each. Hidden weights never exceed 4. For mixed smoothness the last layer stays
# bounded for every $T$. For anisotropic smoothness its bound $A$ may grow: at $a_i = i$ it has passed 4 at $T = 4$.

# %%
figure, axes = plt.subplots(1, 4, figsize=(13, 3.2))
for name, rows in laws.items():
    some = tables[name]
    at = [row["T"] for row in some]
    for axis, column, what in ((axes[0], 2, "depth"), (axes[1], 3, "width")):
        axis.semilogy(rows[:, 0], rows[:, column], "-", color=colours[name], lw=1)
        axis.semilogy(at, [row[what] for row in some], marks[name], color=colours[name], ms=5, label=name)
    axes[2].plot(rows[:, 0], rows[:, 5], "-", color=colours[name], lw=1)
    axes[2].plot(at, [row["largest last weight"] for row in some], marks[name], color=colours[name], ms=5)
    temperatures = [row["temperature"] for row in some]
    axes[3].plot(at, temperatures, marks[name], color=colours[name], ms=5)
    plans = [Plan(classes[name], T) for T in at]
    law = [math.log(2 * p.reach / float(p.attention_error)) / 2 for p in plans]
    axes[3].plot(at, law, "-", color=colours[name], lw=1)
    assert all(0 <= t - least <= 2**-15 for t, least in zip(temperatures, law, strict=True)), "rounded up to 2^-16"
    if name.startswith("mixed"):
        most = math.prod(1 + 2 / (2 ** (2 * float(classes[name].exact(i)) - 1) - 1) for i in range(1, 20))
        assert max(float(p.factor) ** 2 for p in plans) <= most, "A^2 for every T"
axes[2].axhline(4, color=GREY, lw=1)
axes[2].annotate("hidden weights", (levels[0], 3.7), fontsize=7)
growing = Plan(Smoothness("anisotropic", Power(1)), 4)
assert growing.last_weight_bound > 4
for axis, title in zip(axes, ("depth", "width", "largest last weight", "temperature $\\chi$"), strict=True):
    axis.set(xlabel="level T", title=title)
axes[0].legend(fontsize=6)
axes[2].plot([], [], "k-", lw=1, label="bound for the class")
axes[2].plot([], [], "ko", ms=4, label="of the random target")
axes[3].plot([], [], "k-", lw=1, label="$\\log(2U/\\epsilon)/2$")
axes[2].legend(fontsize=6)
axes[3].legend(fontsize=6)
shown(figure, "formulas")

# %% [markdown]
# ## Heads that extract offsets
#
# The heads of the largest level for $a_i = i$. Coordinate 1 is the token itself, then the one before, the one after, and
# so on. Each row of a map is a query, each column a key; grey lies outside the window. The maps depend on positions
# only, not on the tokens, and are constant along diagonals: the layer is shift-equivariant.

# %%
plan = Plan(classes["mixed, $a_i = i$"], levels[-1])
reach, n = plan.reach, 4 * plan.reach + 6
layer = OffsetAttention(dyadic(reach), reach, plan.offsets, plan.chi, torch.float64)


def maps(layer, n):
    """Attention over all n keys, `(heads, queries, n)`, NaN outside the windows."""
    inside = layer.weights(n).numpy().transpose(1, 0, 2)
    full = np.full((inside.shape[0], inside.shape[1], n), np.nan)
    for i in range(inside.shape[1]):
        full[:, i, i : i + inside.shape[2]] = inside[:, i]
    return full


def draw(axis, picture, title):
    """One map."""
    colour_map = plt.get_cmap("viridis").copy()
    colour_map.set_bad("0.85")
    image = axis.imshow(picture, vmin=0, vmax=1, cmap=colour_map, interpolation="nearest")
    axis.set_title(title, fontsize=8)
    axis.set_xticks([])
    axis.set_yticks([])
    return image


figure, axes = plt.subplots(1, len(plan.offsets), figsize=(2.1 * len(plan.offsets), 1.9))
for axis, picture, offset in zip(axes, maps(layer, n), plan.offsets, strict=True):
    image = draw(axis, picture, f"offset {offset:+d}" if offset else "offset 0")
    for i, row in enumerate(picture):
        assert int(np.nanargmax(row)) == i + reach + offset
        assert 1 - np.nanmax(row) <= float(plan.attention_error)
axes[0].set(xlabel="key", ylabel="query")
figure.colorbar(image, ax=axes, shrink=0.8, label="attention")
shown(figure, "heads")

# %% [markdown]
# ## Two codes for positions
#
# A code on circles of periods $2, 4, ..., 2^L$ has $2 L = 2\lceil\log_2(2U+1)\rceil$ coordinates, and every wrong offset
# scores at least 2 less than the right one. A single circle of period $2U+1$ has 2 coordinates, and its nearest wrong
# offset scores only $1 - \cos(2\pi/(2U+1)) \approx 2\pi^2/(2U+1)^2$ less.
#
# Left: scores. Middle: at the dyadic code's temperature the single circle sees a smear. Right: the temperature, which
# is the largest weight, that leaves $\epsilon = 1\,\%$ to wrong offsets: logarithmic in $U$ against quadratic.

# %%
reach, eps, offset = 8, Fraction(1, 100), 3
differences = np.arange(-reach - offset, reach - offset + 1)
codes = {"dyadic": dyadic(reach), "single": single(reach)}
profile = {
    name: [sum(math.cos(2 * math.pi * d / p) for p in code.periods) - len(code.periods) for d in differences]
    for name, code in codes.items()
}
wrong = {name: max(s for s, d in zip(scores, differences, strict=True) if d) for name, scores in profile.items()}
unit = 2.0**-50  # of cosines added up in float64
assert wrong["dyadic"] <= -2 + unit
assert abs(wrong["single"] + 1 - math.cos(2 * math.pi / (2 * reach + 1))) <= unit
chi = offset_laws.dyadic_temperature(reach, eps)
pictures = {
    name: maps(OffsetAttention(code, reach, [offset], chi, torch.float64), 3 * reach)[0] for name, code in codes.items()
}
leaks = {name: float(1 - np.nanmax(picture, 1).min()) for name, picture in pictures.items()}
assert leaks["dyadic"] <= eps < 1 / 2 < leaks["single"]

figure = plt.figure(figsize=(13, 3))
left, first, second, right = figure.subplots(1, 4, gridspec_kw={"width_ratios": [1.3, 1, 1, 1.3]})
for name, colour in (("dyadic", BLUE), ("single", ORANGE)):
    left.plot(
        differences, profile[name], "o-", color=colour, ms=3, lw=1, label=f"{name}: {codes[name].dimension} coordinates"
    )
left.set(xlabel="key - query - offset", ylabel="score less the best", title=f"U = {reach}, offset {offset}")
left.legend(fontsize=7)
for axis, (name, picture) in zip((first, second), pictures.items(), strict=True):
    draw(axis, picture, f"{name}, $\\chi$ = {float(chi):.2f}: {leaks[name]:.0%} to wrong keys")
first.set(xlabel="key", ylabel="query")
reaches = [2**e for e in range(8)]
needed = {
    "dyadic": [float(offset_laws.dyadic_temperature(u, eps)) for u in reaches],
    "single": [float(offset_laws.single_temperature(u, eps)) for u in reaches],
}
for (name, values), colour in zip(needed.items(), (BLUE, ORANGE), strict=True):
    right.loglog(reaches, values, "o-", color=colour, ms=4, lw=1, label=name)
law = [2 * (u + 0.5) ** 2 / math.pi**2 * math.log(2 * u / float(eps)) for u in reaches]
right.loglog(reaches, law, "k:", lw=1, label="$(2/\\pi^2)(U + 1/2)^2 \\log(2U/\\epsilon)$")
right.set(xlabel="reach U", ylabel="temperature", title="what 1 % of leak needs")
right.legend(fontsize=7)
shown(figure, "codes")
for u, value, about in zip(reaches, needed["single"], law, strict=True):
    x = 2 * math.pi / (2 * u + 1)  # x^2 / 2 (1 - x^2 / 12) <= 1 - cos x <= x^2 / 2
    assert about <= value <= about / (1 - x**2 / 12) + 2**-15
print(" U      " + "".join(f"{u:9}" for u in reaches))
for name, values in needed.items():
    print(f" {name:7}" + "".join(f"{v:9.2f}" for v in values))

# %% [markdown]
# ## All together
#
# A sequence of random tokens, the target at every position with a complete window, and what the transformer makes of
# it. The same weights serve every target of the ball: only the last layer's differ.

# %%
name, T = "mixed, $a_i = i$", levels[-1]
plan = Plan(classes[name], T)
targets = [spread(classes[name], T, s) for s in (0, 1)]
tokens = np.random.default_rng(seed).random((1, 60 + 2 * plan.reach, 1))
figure, axes = plt.subplots(3, 1, figsize=(10, 4.4), sharex=True, gridspec_kw={"height_ratios": [1, 1.4, 1]})
axes[0].bar(range(tokens.shape[1]), tokens[0, :, 0], color=GREY, width=0.6)
axes[0].set(ylabel="token")
inner = np.arange(plan.reach, tokens.shape[1] - plan.reach)
for target, colour, number in zip(targets, (BLUE, ORANGE), (1, 2), strict=True):
    values = target(coordinates(plan, tokens))
    made = ExplicitTransformer(plan, target, torch.float64)(torch.from_numpy(tokens))[0].numpy()
    assert np.abs(made - values).max() <= float(plan.error(target))
    axes[1].plot(inner, values, "-", color=colour, lw=1, label=f"target {number}")
    axes[1].plot(inner, made, "x", color=colour, ms=5, label="transformer")
    axes[2].semilogy(inner, np.abs(made - values), ".-", color=colour, lw=0.6, ms=4)
    axes[2].axhline(float(plan.error(target)), color=colour, ls=":", lw=1.2)
features = [Plan(classes[name], T).network(target).layers[:-1] for target in targets]
assert features[0] == features[1], "hidden layers do not depend on the target"
axes[1].set(ylabel="output")
axes[1].legend(fontsize=7, ncol=4)
axes[2].set(xlabel="position", ylabel="error, bound")
shown(figure, "sequence")
