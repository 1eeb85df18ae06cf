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
# # The counting lemma: where the printed bound holds and where it fails
#
# Rates in infinitely many dimensions rest on a count. A class of smoothness $\gamma$ keeps the basis functions of order
# below $T$, and a block $s$ holds $2^{|s|}$ of them, so
#
# $$G(T) = \sum_{\gamma(s) < T} 2^{|s|}$$
#
# functions are kept, and a network has to carry as many. Okumoto and Suzuki (ICLR 2022) bound $G$ by
# $2^{\tilde a T}$, $\tilde a = \sum 1/a_i$, for anisotropic smoothness $\gamma(s) = \max a_i s_i$, and by
# $C_a 2^{T/a_1}$ for mixed smoothness $\gamma(s) = \sum a_i s_i$, up to constants and powers of $T$.
#
# The anisotropic bound is decided here for $a_i = i^q$: with $\tilde a = \zeta(q)$,
#
# $$\log_2 G(T) = \zeta(q)\, T + \kappa(q)\, T^{1/q} + \text{at most } 4\, T^{1/(q+1)} + 3,$$
#
# so the sign of $\kappa(q)$ decides. It changes once, at $q^* = 3.37928365526493084554...$: below, the printed bound
# holds with a constant; above, it fails by the factor $2^{\kappa(q) T^{1/q}}$, which no power of $T$ pays for. The
# *exponent* of the rate is the same on both sides, as $T^{1/q}$ is less than $T$. Formulas, constants and proofs are
# derived here, not quoted; every number plotted is enclosed by exact or ball arithmetic and asserted.

# %%
import os
import tempfile
from fractions import Fraction
from itertools import pairwise
from math import comb
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display

import weightproof as wp
from empirics.rates.counted import excesses, peaks, ratios, second_terms, short_of_two, tied
from empirics.rates.figures import save
from empirics.report import found, known_by, scope_words
from theory.takakura_suzuki.anisotropic_counting import ZERO
from theory.takakura_suzuki.constants import constant, reciprocal_sum
from theory.takakura_suzuki.counting import count
from theory.takakura_suzuki.expansion import kappa, sign, zero
from theory.takakura_suzuki.smoothness import Power, Smoothness, mixed

# %% [markdown]
# ## Parameters
#
# Change them and run all cells again.

# %%
QUICK = os.environ.get("WEIGHTPROOF_QUICK") == "1"

bits = 40 if QUICK else 80  # q* is enclosed between two rationals 2^-bits apart
decades = range(0, 13, 3) if QUICK else range(0, 18)  # T = 10^0, ..., 10^17
dense = 12 if QUICK else 80  # levels of the plot of the rest
export = None  # a folder that gets every figure as PDF and SVG

F = Fraction
CLAIMS = "takakura-suzuki/anisotropic-counting/"

# %%
plt.rcParams.update(
    {
        "figure.dpi": 90,
        "font.size": 9,
        "axes.titlesize": 10,
        "figure.constrained_layout.use": True,
    }
)
BLACK, GREY = "black", "0.6"
ORANGE, SKY, GREEN, BLUE, RED, PINK = (
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)  # colour-blind-safe


def finish(figure, name):
    if export is not None:
        Path(export).mkdir(parents=True, exist_ok=True)
        save(figure, Path(export) / f"{name}.svg")
        figure.savefig(Path(export) / f"{name}.pdf")
    plt.show()


# %% [markdown]
# ## What is claimed
#
# The claims about this count, decided while the notebook runs, each with its controls.

# %%
globs = (CLAIMS + "*", "takakura-suzuki/mixed-counting/*")
claims = {claim.id: claim for claim in wp.ledger().select(globs)}
with tempfile.TemporaryDirectory() as folder:
    decided = wp.verify(*globs, jobs=1, seed=0, out=folder)
rows = ["| claim | the paper says | we find | known by | for |", "|---|---|---|---|---|"]
for verdict in decided:
    assert verdict.exit_code == 0, verdict.plain
    cells = (verdict.claim, claims[verdict.claim].paper, found(verdict), known_by(verdict), scope_words(verdict))
    rows.append("| " + " | ".join(cell.replace("|", "\\|").replace("*", "\\*") for cell in cells) + " |")
display(Markdown("\n".join(rows)))

# %% [markdown]
# ## The second term and its zero
#
# $$\kappa(q) = \zeta(1/q) + \sum_{m \ge 1} \log_2\frac{1 - 2^{-m-1}}{1 - 2^{-m}}\; m^{-1/q}$$
#
# rises from $-\infty$ at $q \to 1$ to $1/2$ at $q \to \infty$. Left: $\kappa$; the balls that enclose it are
# narrower than the line. Right: within $4 \cdot 10^{-20}$ of the zero, where balls of 76 bits can be seen as bars. A
# ball that does not meet the axis decides a sign; between the two grey lines the trusted checker, which knows no zeta
# function, certifies the change.

# %%
low, high = zero(bits)
assert sign(ZERO[0]) == -1
assert sign(ZERO[1]) == 1
assert low < ZERO[1]
assert ZERO[0] < high
digits = 10 if QUICK else 22
text, other = (f"3.{int(end * 10**digits) - 3 * 10**digits:0{digits}d}" for end in (low, high))
assert text == other
assert text.startswith("3.37928365526493084554"[: digits + 2])
print(f"q* = {text}..., between two rationals {float(high - low):.1e} apart")

powers = [F(n, 20) for n in range(24, 60, 1 if not QUICK else 6)] + [
    F(n, 4) for n in range(12, 49, 1 if not QUICK else 6)
]
curve = second_terms(powers)
assert all(a[1] < b[0] for (p, a), (q, b) in pairwise(curve) if p < q), "increasing"
assert all(enclosed[1] < F(1, 2) for _, enclosed in curve)
widest = max(float(k[1] - k[0]) for _, k in curve)
print(f"kappa at {len(curve)} values of q, each enclosed to {widest:.1e}")

figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8))
left.axhspan(-4, 0, color=SKY, alpha=0.18, lw=0)
left.axhspan(0, 1, color=ORANGE, alpha=0.18, lw=0)
left.plot([float(q) for q, _ in curve], [float(sum(k)) / 2 for _, k in curve], color=BLUE, lw=1.4, label="$\\kappa(q)$")
left.axhline(0.5, color=GREY, lw=0.8, ls=":")
left.axhline(0, color=BLACK, lw=0.6)
left.plot([float(low)], [0], "o", color=RED, ms=5, label=f"$q^* = {float(low):.6f}...$")
left.annotate("printed bound fails", (8.2, 0.12), fontsize=8)
left.annotate("printed bound holds", (4.2, -1.3), fontsize=8)
left.set(
    xlabel="growth $q$ of $a_i = i^q$",
    ylabel="second term $\\kappa(q)$",
    ylim=(-3, 0.7),
    xlim=(1, 12),
    title="sign of the second term",
)
left.legend(fontsize=8, loc="lower right")

unit = F(1, 10**20)
near = [ZERO[0] + k * unit / 2 for k in range(-6, 9)]
zoomed = second_terms(near, 60)
middles = np.array([float(sum(k) / 2 * 10**20) for _, k in zoomed])
radii = np.array([float((k[1] - k[0]) / 2 * 10**20) for _, k in zoomed])
across = [float((q - ZERO[0]) / unit) for q, _ in zoomed]
sharp = np.array([float(k[0] * 10**20) for _, k in second_terms(near, 192)])
assert (np.abs(sharp - middles) <= radii).all(), "the coarser balls hold what the finer ones hold"
right.errorbar(across, middles, radii, fmt="o", ms=3, color=BLUE, capsize=2, lw=1, label="balls of 76 bits")
right.plot(across, sharp, color=ORANGE, lw=1, label="balls of 208 bits")
right.axhline(0, color=BLACK, lw=0.6)
for end in (0, 1):
    right.axvline(end, color=GREY, lw=0.8)
right.set(
    xlabel="$(q - 3.37928365526493084554) \\cdot 10^{20}$",
    ylabel="$\\kappa(q) \\cdot 10^{20}$",
    title="the zero, certified between the grey lines",
)
right.legend(fontsize=8)
finish(figure, "second_term")

# %% [markdown]
# ## Below, at and above the zero
#
# What $\log_2 G(T)$ exceeds $\tilde a T$ by, for $T$ up to $10^{17}$. Dots are certified counts: the sum over the
# coordinates in integers and balls, far below a dot wide. Lines are $\kappa(q) T^{1/q}$, for $q^*$ the band $\pm(4
# T^{1/(q+1)} + 3)$ that holds what is left. The grey region is what "a constant and logarithms" would pay for: $10 +
# 10 \log_2 T$ bits.

# %%
middle = (low + high) / 2  # within 2^-bits of q*
shown = {F(2): SKY, F(3): BLUE, middle: BLACK, F(7, 2): GREEN, F(4): ORANGE, F(6): RED}
names = {q: f"$q = {q}$" if q != middle else "$q = q^*$" for q in shown}
levels = [10**e for e in decades]
measured = {q: excesses(q, levels) for q in shown}

figure, axis = plt.subplots(figsize=(7.5, 4.4))
for (q, row), colour in zip(measured.items(), shown.values(), strict=True):
    Ts = [float(e.T) for e in row]
    for e in row:
        assert e.bits[1] - e.bits[0] < F(1, 1000)
        assert -e.allowed <= e.rest[0]
        assert e.rest[1] <= e.allowed
    axis.plot(Ts, [float(e.bits[0]) for e in row], "o", ms=4, color=colour, label=f"{names[q]}, counted")
    smooth = np.logspace(0, np.log10(Ts[-1]), 200)
    if q == middle:
        band = 4 * smooth ** (1 / (float(q) + 1)) + 3
        axis.fill_between(smooth, -band, band, color=BLACK, alpha=0.1, lw=0, label="$q^*$: bound of what is left")
    else:
        axis.plot(smooth, float(kappa(q)[0]) * smooth ** (1 / float(q)), color=colour, lw=1)
pays = np.logspace(0, 17, 200)
axis.fill_between(pays, -1e12, 10 + 10 * np.log2(pays), color=GREY, alpha=0.15, lw=0, label="paid by $2^{10} T^{10}$")
axis.set_xscale("log")
axis.set_yscale("symlog", linthresh=10)
axis.set(
    xlabel="level $T$",
    ylabel="$\\log_2 G(T) - \\zeta(q)\\, T$  (bits)",
    ylim=(-1e9, 1e6),
    xlim=(1, 1e17),
    title="$a_i = i^q$: excess over the printed bound",
)
axis.legend(fontsize=7, ncols=2, loc="lower left")
finish(figure, "excess")

# %%
print(f"{'q':>6}{'kappa(q)':>12}{'T':>8}{'log2 G - zeta(q) T':>22}{'kappa T^(1/q)':>18}{'printed with 2^10 T^10':>26}")
for q, row in measured.items():
    e = row[-1]
    allowed = 10 + 10 * np.log2(float(e.T))
    verdict = "fails" if float(e.bits[0]) > allowed else "holds here"
    print(
        f"{'q*' if q == middle else q!s:>6}{float(kappa(q)[0]):12.6f}{f'10^{len(str(e.T)) - 1}':>8}"
        f"{float(e.bits[0]):22.3f}{float(e.second[0]) if q != middle else 0.0:18.3f}{verdict:>26}"
    )
    if q < middle:
        assert sign(q) == -1
        assert e.bits[1] < 0, "below q* the count is even smaller than 2^(zeta(q) T) from some T on"
    if q > middle:
        assert sign(q) == 1
        assert e.bits[0] > 0
if not QUICK:
    four = measured[F(4)][-1]
    assert four.T == 10**17
    assert int(four.bits[0]) == 1768, "a_i = i^4, T = 10^17: too small by a factor of 2^1768"
    # the exponent survives: log2 G / (zeta(q) T) differs from 1 by less than 10^-11 at the last level of every q > 2
    for q in shown:
        if q > 2:
            e = measured[q][-1]
            assert (
                abs(float(e.bits[0]) / (float(reciprocal_sum(Smoothness("anisotropic", Power(q)))[0]) * float(e.T)))
                < 1e-11
            )

# %% [markdown]
# ## The two terms beside the count
#
# Left: the rest, $\log_2 G - \zeta(q) T - \kappa(q) T^{1/q}$, as a share of its bound $4 T^{1/(q+1)} + 3$, at every
# level between $1$ and $10^9$ that is drawn. It oscillates as the error of Dirichlet's divisor problem does, and uses a
# fifth of the bound at most. Right: small levels, where $G$ is written out, digit by digit.

# %%
grid = sorted({int(x) for x in np.logspace(0, 9, dense)})
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8))
largest = {}
for q, colour in shown.items():
    row = excesses(q, grid, steps=2000)
    share = [float(e.share) for e in row]
    largest[q] = max(map(abs, share))
    assert largest[q] < 0.2
    left.semilogx([e.T for e in row], share, "o-", ms=2.5, lw=0.6, color=colour, label=names[q])
left.axhline(0, color=BLACK, lw=0.6)
left.set(
    xlabel="level $T$", ylabel="rest / bound", ylim=(-0.25, 0.25), title="what two terms leave, as a share of the bound"
)
left.legend(fontsize=7, ncols=2)

small = list(range(1, 41))
for q, colour in ((F(2), SKY), (F(4), ORANGE)):
    smoothness = Smoothness("anisotropic", Power(q))
    total = float(reciprocal_sum(smoothness)[0])
    exact = [count(smoothness, T) for T in small]
    two = [total * T + float(kappa(q)[0]) * T ** (1 / float(q)) for T in small]
    for T, G, terms in zip(small, exact, two, strict=True):
        assert abs(np.log2(float(G)) - terms) <= 4 * T ** (1 / (float(q) + 1)) + 3
    right.plot(
        small,
        [np.log2(float(G)) - total * T for T, G in zip(small, exact, strict=True)],
        "o",
        ms=4,
        color=colour,
        label=f"{names[q]}, $G$ written out",
    )
    right.plot(small, [t - total * T for T, t in zip(small, two, strict=True)], color=colour, lw=1)
right.axhline(0, color=BLACK, lw=0.6)
right.set(
    xlabel="level $T$",
    ylabel="$\\log_2 G(T) - \\zeta(q)\\, T$  (bits)",
    title="small levels, lines: $\\kappa(q) T^{1/q}$",
)
right.legend(fontsize=8)
finish(figure, "two_terms")
for q, share in largest.items():
    print(f"{'q*' if q == middle else q!s:>6}: at most {share:.3f} of the bound at {len(grid)} levels")
print(f"G(40) for a_i = i^4: {count(Smoothness('anisotropic', Power(4)), 40)}")

# %% [markdown]
# ## Mixed smoothness: the factor is 2
#
# $G(T) < 2\, C_a 2^{T/a_1}$ for every $T$, and the 2 cannot be dropped: just above a multiple of $a_1$ the count has
# doubled and $2^{T/a_1}$ has not. Left: the ratio $G / (C_a 2^{T/a_1})$. Right: how far its supremum between multiples
# of $a_1$ stays below 2. Where all $a_i / a_1$ are integers it comes exponentially near.

# %%
MIXED = {
    "$a = (1, 3)$": (mixed(1, 3), SKY, "-"),
    "$a = (1, 2, 3)$": (mixed(1, 2, 3), BLUE, "--"),
    "$a_i = i^2$": (Smoothness("mixed", Power(2)), ORANGE, "-"),
    "$a = (1, 3/2)$": (mixed(1, F(3, 2)), PINK, ":"),
}
fine = [F(k, 32) for k in range(1, 32 * (4 if QUICK else 8) + 1)]
up_to = range(0, 20 if QUICK else 60)
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8))
for name, (smoothness, colour, style) in MIXED.items():
    found_ratios = ratios(smoothness, fine)
    assert all(r[1] < 2 for r in found_ratios)
    left.plot([float(T) for T in fine], [float(r[0]) for r in found_ratios], style, lw=1, color=colour, label=name)
    if "3/2" in name:
        continue
    tops = peaks(smoothness, up_to)
    assert all(r[1] < 2 for r in tops)
    assert all(a[1] < b[0] for a, b in pairwise(tops)), "nearer and nearer"
    assert all(2 - r[0] <= short_of_two(smoothness, n) for n, r in zip(up_to, tops, strict=True))
    right.semilogy(list(up_to), [float(2 - r[0]) for r in tops], "o-", ms=3, lw=0.8, color=colour, label=name)
    short = f"2 - {float(2 - tops[-1][0]):.2e}"
    print(
        f"{name:18} C_a = {float(constant(smoothness)[0]):.12f}   sup of G / (C_a 2^T), T <= {up_to[-1] + 1}: {short}"
    )
left.axhline(2, color=BLACK, lw=0.8, ls="--")
left.axhline(1, color=GREY, lw=0.8, ls=":")
left.set(
    xlabel="level $T$",
    ylabel="$G(T)\\; /\\; C_a 2^{T/a_1}$",
    ylim=(0, 2.1),
    title="mixed: counted against the constant",
)
left.legend(fontsize=8, loc="lower right")
right.set(xlabel="$n$", ylabel="2 - supremum over $n < T \\leq n + 1$", title="the factor 2 is reached in the limit")
right.legend(fontsize=8)
finish(figure, "mixed")

# %% [markdown]
# ## Ties
#
# If $k$ of the $a_i$ equal $a_1$, $C_a$ is infinite and $G(T) / 2^{T/a_1}$ grows as $T^{k-1}$: no constant bounds it.
# Beside each line its local slope between the last two levels.

# %%
last = 7 if QUICK else 11
doublings = [2**e for e in range(1, last + 1)]
figure, axis = plt.subplots(figsize=(6, 4))
for k, colour in zip(range(1, 5), (SKY, BLUE, GREEN, ORANGE), strict=True):
    smoothness = mixed(*(1,) * k, 2, ties=k > 1)
    row = tied(smoothness, doublings)
    for T, ratio in zip(doublings, row, strict=True):
        B = comb(T + k - 2, k - 1)
        assert F(B, 2) <= ratio < 2 * 2 * B, "2^(m-1) B <= G < 2 C 2^T B, C = 2"
    slope = float(np.log2(float(row[-1] / row[-2])))
    assert abs(slope - (k - 1)) < 0.1
    axis.loglog(doublings, [float(x) for x in row], "o-", ms=4, lw=1, color=colour, label=f"k = {k}: slope {slope:.3f}")
axis.set(xlabel="level $T$", ylabel="$G(T)\\; /\\; 2^{T/a_1}$", title="$a = (1, ..., 1, 2)$, k ones: $T^{k-1}$")
axis.legend(fontsize=8)
finish(figure, "ties")

# %% [markdown]
# ## What this does not say
#
# - Not that the papers' rates are wrong: $\log_2 G = (\tilde a + o(1)) T$ for every $q > 1$, so the exponent stands on
#   both sides of $q^*$. What fails above $q^*$ is the step "up to logarithms": the factor is $2^{\kappa(q) T^{1/q}}$,
#   with $T$ about $\log n$, more than any power of $\log n$ and less than any power of $n$.
# - Not that other growth behaves alike: the expansion is for $a_i = i^q$. For any $a$ at most one bit an active
#   coordinate is missing, $\log_2 G \leq \tilde a T + d_{\max}(T)$.
# - At $q^*$ itself nothing is decided: a smaller term, whose sign is not known, is left.
