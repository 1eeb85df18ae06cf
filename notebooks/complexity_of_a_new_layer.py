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
# # What does my new layer cost?
#
# You have written a layer for sequences of $N$ tokens of width $d$, and your paper says that it is linear in $N$. Is
# it? A stopwatch cannot tell: at the sizes that fit a machine one term hides another. A tool that counts
# multiplications at one size gives a number, and no formula.
#
# Here the layer is run on tensors without contents (torch's `meta` device), at small sizes, and every operation that
# torch dispatches is counted by fixed rules. From the counts a formula is recovered, exactly, with fractions, and tried
# on sizes that it was not made from. Then the formula, not the clock, is compared with your bound. Two numbers matter
# most:
#
# - **work**: how many scalar operations there are: the time on one very plain processor;
# - **span**: how long the longest chain is in which one has to wait for another: the time on a machine with as many
#   processors as you like. Adding up $n$ numbers is work $n$, but span $L(n) = \lceil\log_2 n\rceil$, in a tree.
#
# `weightproof cost my_layers.py:my_layer --work 'N*d**2'` asks the same from the command line.

# %%
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from constructions.layers.linear_attention import LinearAttention
from constructions.layers.softmax_attention import SoftmaxAttention
from empirics.cost import assert_bound, derive, judge
from empirics.cost.clock import measure
from empirics.cost.report import explained
from empirics.cost.runs import Runner
from empirics.cost.subject import Subject
from empirics.subjects import SUBJECTS, formulas
from theory import checker
from theory.cost.formulas import evaluate, parse
from theory.cost.recovery.sums import total
from theory.growth import cheaper_from, decide

# %% [markdown]
# ## Parameters
#
# Change them and run all cells again.

# %%
QUICK = os.environ.get("WEIGHTPROOF_QUICK") == "1"

plotted = (16, 32, 64, 128) if QUICK else (16, 32, 64, 128, 256, 512, 1024)  # values of N that are counted and timed
repetitions = 1 if QUICK else 7  # of each timing
derived = (
    ("softmax_attention", "linear_attention_cumsum")
    if QUICK
    else tuple(x for x in SUBJECTS if "former" not in x and "pointer" not in x)
)
cap = 2048  # tokens up to which the layer of section 5 does one thing, and beyond which another

# %%
plt.rcParams.update({"figure.dpi": 90, "font.size": 9, "axes.titlesize": 10, "figure.constrained_layout.use": True})
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PINK, GREY = (  # of Okabe and Ito, told apart by colour-blind readers
    *("#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7", "#888888"),
)


def counted(subject, **sizes):
    """Exact work and span of one forward pass at these sizes: a count, no formula involved."""
    run = Runner(Subject(subject), "forward").run(sizes)
    return total(run.parts["work"]), total(run.parts["span"])


def values(formula, symbol, at, **others):
    return np.array([float(evaluate(formula, {symbol: n, **others})) for n in at])


def accepted(certificate):
    """What the trusted checker says of a certificate: one file, the standard library alone, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.json"
        file.write_text(json.dumps(certificate))
        answer = subprocess.run([sys.executable, "-I", "-S", checker.__file__, file], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout
    return answer.stdout.replace(f" {file}", "").strip()


# %% [markdown]
# ## 1. A layer that looks linear
#
# Linear attention keeps a running sum of outer products $k_t v_t^\top$, reads it with a query, and divides by the sum
# of the weights, a running sum of keys. No softmax, no $N \times N$ matrix of scores: linear in $N$. The author has
# even heard that a running sum is quick as a product with a triangular matrix of ones, and uses that for the
# denominator.
#
# A *subject* is a function whose parameters are the sizes; it returns the layer and its inputs.


# %%
class QuickLinearAttention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(width, width, bias=False) for _ in range(4))

    def forward(self, x):
        q, k, v = self.query(x).exp(), self.key(x).exp(), self.value(x)
        states = (k[..., :, None] * v[..., None, :]).cumsum(-3)
        read = (q[..., None, :] @ states)[..., 0, :]
        seen = self.running_sum(k)
        return self.out(read / (q * seen).sum(-1, keepdim=True))

    def running_sum(self, k):
        ones = k.new_ones(k.shape[-2], k.shape[-2]).tril()
        return ones @ k


def quick_linear_attention(N, d):
    return QuickLinearAttention(d), (torch.empty(1, N, d),)


hidden = derive(quick_linear_attention)
print(hidden)

# %% [markdown]
# Every quantity has its formula, and for work, span and memory the lines that the terms come from. There is an $N^2 d$,
# and it comes from the last line, the innocent one. (`cell:15` is line 15 of the cell above; in a file you see its
# name. What stands in brackets is a condition on the sizes.) As a test in your own suite:

# %%
try:
    assert_bound(quick_linear_attention, work="N*d**2", span="log(N) + log(d)")
except AssertionError as error:
    print(error)
    message = str(error)
else:
    raise RuntimeError("a quadratic layer passed for a linear one")
assert "ones @ k" in message
assert "cumsum" not in message
assert hidden.work == parse("2*N**2*d + 13*N*d**2 + 2*N**2 + 5*N*d")

# %% [markdown]
# Read it so: keep $d$, let $N = s$ grow, and the formula leaves every multiple of $N d^2$ behind. The two lines below
# are those whose own share does it. The no can be handed on, too. In the file below the quotient of work and bound is
# shown to grow at least like $s$, up to a constant; the checker verifies that without trusting this notebook or any
# code of ours but its own file.

# %%
rate, floor = decide(hidden.work, "N*d**2", explicit=True).excess
print(f"work outgrows N*d**2 by a factor that grows like {rate}")
print(accepted(floor.certificate))

# %% [markdown]
# ### The fix
#
# The same running sum, written as what it is.


# %%
class FixedLinearAttention(QuickLinearAttention):
    def running_sum(self, k):
        return k.cumsum(-2)


def fixed_linear_attention(N, d):
    return FixedLinearAttention(d), (torch.empty(1, N, d),)


keys = torch.randint(
    100, (1, 200, 16), generator=torch.Generator().manual_seed(1)
).double()  # whole numbers: sums are exact
before, after = QuickLinearAttention(16).running_sum(keys), FixedLinearAttention(16).running_sum(keys)
assert torch.equal(before, after)

fixed = derive(fixed_linear_attention)
assert_bound(fixed_linear_attention, work="N*d**2", span="log(N) + log(d)")
work_verdict, span_verdict = judge(fixed, "work", "N*d**2"), judge(fixed, "span", "log(N) + log(d)")
print(explained(work_verdict, "fixed_linear_attention"))
print(explained(span_verdict, "fixed_linear_attention"))
assert fixed.work == parse("13*N*d**2 + 7*N*d")

# %% [markdown]
# The verdict has changed, and it comes with a constant: not only $O(N d^2)$, but at most so many times $N d^2$, for all
# sizes from so many on. Where it says *least*, no smaller constant will do. For each there is a certificate, again for
# the checker.

# %%
for verdict in (work_verdict, span_verdict):
    found = verdict.constant
    print(f"{verdict.quantity.name}: constant {found.value}" + (", the least" if found.least else ""))
    print(accepted(found.certificate))
assert (work_verdict.constant.value, work_verdict.constant.least) == (20, True)  # 13 + 7, needed at d = 1

# %% [markdown]
# Would you have noticed without? On the left the exact counts: the hidden term overtakes the honest ones only at $N =
# 6.5\, d$. On the right what a clock says of the two layers. Multiplying with a matrix of ones is quick on every
# machine, so the quadratic term stays out of sight there for long. The clock is not wrong; it answers another question.

# %%
width = 32
far = tuple(4**i for i in range(2, 9))
timed = {
    "triangular matrix": measure(Subject(quick_linear_attention), "N", plotted, {"d": width}, repetitions=repetitions),
    "running sum": measure(Subject(fixed_linear_attention), "N", plotted, {"d": width}, repetitions=repetitions),
}
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4))
for name, subject, cost, colour, mark in (
    ("triangular matrix", quick_linear_attention, hidden, RED, "o"),
    ("running sum", fixed_linear_attention, fixed, BLUE, "s"),
):
    exact = values(cost.work, "N", far, d=width)
    assert [counted(subject, N=n, d=width)[0] for n in far] == list(exact), name
    left.loglog(far, exact, color=colour, lw=1, label=name)
    left.loglog(far, exact, mark, color=colour, ms=4)
    right.loglog(plotted, [1000 * s for s in timed[name].seconds], f"{mark}-", color=colour, ms=4, lw=1, label=name)
overtaken = 13 * width / 2
left.axvline(overtaken, color=GREY, lw=0.8)
left.annotate("  the hidden term is\n  the largest from here", (overtaken, left.get_ylim()[0] * 1.5), fontsize=8)
left.set(title="exact work", ylabel="scalar operations", xlabel=f"N   (d = {width})")
right.set(title="MEASURED: least time, one thread of a CPU", ylabel="milliseconds", xlabel=f"N   (d = {width})")
for axis in (left, right):
    axis.legend(fontsize=8, loc="upper left")
plt.show()

# %% [markdown]
# ## 2. All reference layers
#
# Work and span of the layers in `constructions/layers`, batch 1, exactly, and beside them measured time. Lines are the
# formulas that `empirics/subjects.py` gives for each, claimed by hand from the code; dots are counts at these sizes, made
# here and asserted to lie on the lines. (Two spans have no closed form for all sizes; there the dots are joined.) Then
# `derive` looks for the formulas by itself, in quick mode for two layers, else for all but Deltaformer and Pointer layers,
# which take longer. What it finds has to be what is claimed; it may say that it found none.
#
# What to look for: sliding windows are quadratic when written with a mask (dashed) and linear when the keys are cut out
# (solid). The three forms of linear attention do about the same work, but the loop has a span of its own. And time
# follows neither alone: a loop pays for each of its many small operations, far more than for what they compute.

# %%
rest = {"d": 16, "W": 16, "C": 8, "K": 8, "E": 4, "h": 16}
drawn = {  # subjects that lie on one another share a line style
    "softmax attention, 4 forms": (BLACK, "-", [name for name in SUBJECTS if name.startswith("softmax")]),
    "sliding window, cut out": (SKY, "-", ["sliding_window_unfold"]),
    "sliding window, mask": (SKY, "--", ["sliding_window_mask"]),
    "top-k attention": (SKY, ":", ["topk_attention"]),
    "linear attention, cumsum": (BLUE, "-", ["linear_attention_cumsum"]),
    "linear attention, chunked": (BLUE, "--", ["linear_attention_chunked"]),
    "linear attention, loop": (BLUE, ":", ["linear_attention_loop"]),
    "delta rule, chunked": (RED, "--", ["delta_rule_chunked"]),
    "delta rule, loop": (RED, ":", ["delta_rule_loop"]),
    "scan, Hillis-Steele": (GREEN, "-", ["scan_hillis_steele"]),
    "scan, Blelloch": (GREEN, "--", ["scan_blelloch"]),
    "scan, loop": (GREEN, ":", ["scan_sequential"]),
    "mixing by sorting": (ORANGE, "-", ["sort_mixing"]),
    "mixing by FFT": (ORANGE, "--", ["fft_mixing"]),
    "mixture of experts": (ORANGE, ":", ["mixture_of_experts"]),
    "Deltaformer, solve": (PINK, "-", ["deltaformer_solve"]),
    "Deltaformer, chunked": (PINK, "--", ["deltaformer_chunked"]),
    "Deltaformer, recurrence": (PINK, ":", ["deltaformer_recurrence"]),
    "Deltaformer, linear, chunked": (PINK, "-.", ["deltaformer_linear"]),
}
shown = {name for _, _, names in drawn.values() for name in names}
drawn |= {name.replace("_", " "): (GREY, "-", [name]) for name in SUBJECTS if name not in shown}

figure, axes = plt.subplots(1, 3, figsize=(12.5, 5.2))
for label, (colour, style, names) in drawn.items():
    for name in names:
        subject, claim = SUBJECTS[name], formulas(SUBJECTS[name])
        others = {x: rest[x] for x in Subject(subject).symbols if x != "N"}
        counts = zip(*(counted(subject, N=n, **others) for n in plotted), strict=True)
        for axis, text, count in zip(axes, (claim.work, claim.span), counts, strict=False):
            exact = values(parse(text), "N", plotted, **others) if text else [float(c) for c in count]
            assert list(count) == list(exact), name
            axis.loglog(plotted, exact, style, color=colour, lw=1.4, label=label if name == names[0] else None)
            axis.loglog(plotted, exact, ".", color=colour, ms=4)
        timing = measure(Subject(subject), "N", plotted, others, repetitions=repetitions)
        axes[2].loglog(plotted, [1000 * s for s in timing.seconds], style, color=colour, lw=1.4)
for axis, title, unit in zip(
    axes,
    ("exact work", "exact span", "MEASURED time, one CPU thread"),
    ("scalar operations", "depth", "milliseconds"),
    strict=True,
):
    axis.set(title=title, ylabel=unit, xlabel="N")
    axis.set_xticks(plotted, map(str, plotted))
    axis.minorticks_off()
figure.suptitle("batch 1; " + ", ".join(f"{x} = {v}" for x, v in rest.items()), fontsize=9)
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=8)
plt.show()

# %%
for name in derived:
    cost, claim = derive(SUBJECTS[name]), formulas(SUBJECTS[name])
    for quantity, text in (("work", claim.work), ("span", claim.span)):
        found = cost.quantity(quantity)
        assert not (found.known and text) or (found.formula - parse(text)).expand() == 0, (
            name,
            quantity,
            found.formula,
        )
        told = str(found.formula) if found.known else f"no formula: {found.reason}"
        print(f"{name:38}{quantity:6}{told if len(told) < 90 else told[:86] + ' ...'}")

# %% [markdown]
# ## 3. The plane of work and span
#
# One size, $N = 4096$ tokens of width 64, chunks of 64; every layer with its projections is a point: a triangle for a
# loop over tokens, a square for chunks or a tree, a circle for everything at once. Right is more to do, up is more
# waiting; a layer to train wants to be at the lower left. The slanted lines are work over span: how many processors
# there is something to do for, on average.
#
# Attention waits little and does much. Layers that carry a state from token to token without a short cut (LSTM, delta
# rule in a loop) do little and wait a thousand times as long; the Deltaformer with softmax kernels pays for both. Chunks
# buy parallelism with some more work. They help the delta rule most: it solves the triangular systems of all chunks at
# once, where the Deltaformer solves one after the other, a chain of $2C$ each.

# %%
tokens, width, chunk = 4096, 64, 64


def lstm(N, d):
    return nn.LSTM(d, d, batch_first=True), (torch.empty(1, N, d),)


def claimed(name):
    return SUBJECTS[name], formulas(SUBJECTS[name]).work, formulas(SUBJECTS[name]).span


points = {  # subject, work and span, colour, marker, where its name goes
    "softmax attention": (*claimed("softmax_attention"), BLACK, "o", "above"),
    "linear attention, cumsum": (*claimed("linear_attention_cumsum"), BLUE, "o", "above"),
    "linear attention, chunked": (*claimed("linear_attention_chunked"), BLUE, "s", "right"),
    "linear attention, loop": (*claimed("linear_attention_loop"), BLUE, "^", "below"),
    "delta rule, loop": (*claimed("delta_rule_loop"), RED, "^", "left"),
    "delta rule, chunked": (*claimed("delta_rule_chunked"), RED, "s", "right"),
    "LSTM": (lstm, "16*N*d**2 + 22*N*d + 4*d", "N*(L(d) + 8) + 2", PINK, "^", "above"),
    "Deltaformer, recurrence": (*claimed("deltaformer_recurrence"), ORANGE, "^", "right"),
    "Deltaformer, solve": (*claimed("deltaformer_solve"), ORANGE, "o", "right"),
    "Deltaformer, chunked": (*claimed("deltaformer_chunked"), ORANGE, "s", "left"),
    "Deltaformer, linear, chunked": (*claimed("deltaformer_linear"), ORANGE, "s", "right"),
    "scan, Hillis-Steele": (*claimed("scan_hillis_steele"), GREEN, "o", "below"),
    "scan, Blelloch": (*claimed("scan_blelloch"), GREEN, "s", "above"),
    "scan, loop": (*claimed("scan_sequential"), GREEN, "^", "above"),
}
figure, axis = plt.subplots(figsize=(9.5, 5.6))
places = {"above": (0, 7, "center"), "below": (0, -14, "center"), "left": (-8, -3, "right"), "right": (8, -3, "left")}
table = []
for name, (subject, work, span, colour, mark, place) in points.items():
    sizes = {x: v for x, v in {"N": tokens, "d": width, "C": chunk}.items() if x in Subject(subject).symbols}
    at = sizes if span is None or not QUICK else {**sizes, "N": 256}  # a loop over all tokens takes long to count
    count = counted(subject, **at)
    assert count[0] == evaluate(parse(work), at), name
    assert span is None or count[1] == evaluate(parse(span), at), name
    table.append((name, int(evaluate(parse(work), sizes)), int(evaluate(parse(span), sizes) if span else count[1])))
    _, x, y = table[-1]
    axis.loglog(x, y, mark, color=colour, ms=8)
    right, up, side = places[place]
    axis.annotate(name, (x, y), (right, up), textcoords="offset points", ha=side, fontsize=8, color=colour)
axis.set(xlim=(5e7, 2e10), ylim=(20, 2e5), xlabel="work, scalar operations", ylabel="span, depth")
axis.set_title(f"exact work and span, N = {tokens}, d = {width}, C = {chunk}, batch 1")
for power, x in {3: 6e7, 4: 8e8, 5: 2e9, 6: 1.5e9, 7: 1.5e9, 8: 7e9}.items():
    axis.loglog((1e7, 1e11), (1e7 / 10**power, 1e11 / 10**power), color="0.85", lw=0.7, zorder=0)
    axis.text(
        x,
        1.1 * x / 10**power,
        f"work/span = $10^{power}$",
        rotation=19,
        rotation_mode="anchor",
        fontsize=7,
        color="0.5",
    )
plt.show()
print(f"{'':28}{'work':>15}{'span':>9}{'work/span':>12}")
for name, work, span in table:
    print(f"{name:28}{work:15,}{span:9,}{work // span:12,}")

# %% [markdown]
# Span depends on what an operation is allowed to do in one step. Under `model="v1-threshold"` sums, maxima and matrix
# products may have as many arguments as they like, which is how circuit classes such as $\mathrm{TC}^0$ count: then
# softmax attention has constant depth, and a loop over tokens still has not.

# %%
threshold = derive(SUBJECTS["softmax_attention"], model="v1-threshold").span
looping = derive(SUBJECTS["linear_attention_loop"], model="v1-threshold").span
print("softmax attention:", threshold, "    linear attention in a loop:", looping)
assert threshold.is_Integer
assert str(next(iter(looping.free_symbols))) == "N"

# %% [markdown]
# ## 4. From which length on does linear attention pay?
#
# "Linear beats quadratic" is true from some length on. Which one? With both formulas exact so is the answer, for every
# width: the least $N$ from which on, for all larger $N$, linear attention does less work than softmax attention. It
# comes out near $1.25\, d$ for the form with a running sum, and is decided, not sampled: beyond some length a proof
# holds that the checker verifies, and below it the last crossing is found exactly. Chunks waste work on inputs shorter
# than one, and win at large widths.

# %%
softmax = parse(formulas(SUBJECTS["softmax_attention"]).work)
linear = {
    "running sum": (parse(formulas(SUBJECTS["linear_attention_cumsum"]).work), BLUE, "o"),
    "chunks of 16": (parse(formulas(SUBJECTS["linear_attention_chunked"]).work), ORANGE, "s"),
}
widths = (4, 16, 64) if QUICK else (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4))
starts = {}
for name, (formula, colour, mark) in linear.items():
    crossings = [cheaper_from(formula, softmax, "N", {"d": d, "C": 16}) for d in widths]
    starts[name] = [crossing.start for crossing in crossings]
    assert {crossing.outcome for crossing in crossings} == {"from"}
    for d, start in zip(widths, starts[name], strict=True):
        difference = softmax - formula
        assert (
            evaluate(difference, {"N": start, "d": d, "C": 16})
            > 0
            >= evaluate(difference, {"N": start - 1, "d": d, "C": 16})
        )
    right.loglog(widths, starts[name], mark, color=colour, ms=5, label=name)
    if name == "running sum":
        print(accepted(crossings[-1].certificate))
        # 4 N^2 d + 7 N^2 + 8 N d^2 + N d + N > 13 N d^2 + 11 N d + 2 N  solved for N
        assert starts[name] == [(5 * d * d + 10 * d + 1) // (4 * d + 7) + 1 for d in widths]
right.loglog(widths, [1.25 * d for d in widths], color=GREY, lw=0.8, label="$N = 1.25\\,d$")
right.set(title="cheaper than softmax attention from", xlabel="width d", ylabel="tokens N")
right.legend(fontsize=8)
d = 64
near = range(20, 201)
left.plot(near, values(softmax, "N", near, d=d) / 1e6, color=BLACK, lw=1.2, label="softmax attention")
for (name, (formula, colour, mark)), shift in zip(linear.items(), ((-48, 6), (8, -10)), strict=True):
    left.plot(
        near, values(formula, "N", near, d=d, C=16) / 1e6, color=colour, lw=1.2, label=f"linear attention, {name}"
    )
    start = starts[name][widths.index(d)]
    height = float(evaluate(formula, {"N": start, "d": d, "C": 16})) / 1e6
    left.plot([start], [height], mark, color=colour, ms=6)
    left.annotate(f"N = {start}", (start, height), shift, textcoords="offset points", fontsize=8, color=colour)
left.set(title=f"exact work, d = {d}", xlabel="tokens N", ylabel="million scalar operations")
left.legend(fontsize=8)
plt.show()

# %% [markdown]
# ## 5. A threshold
#
# Layers change their mind: exact attention on short inputs, something cheap on long ones, or the other way round.
# Whoever counts at small sizes sees one side of the `if` and draws the wrong conclusion, in both directions. So the
# comparisons of sizes that a layer makes are recorded, and sizes beyond them are tried.


# %%
class Switching(nn.Module):
    def __init__(self, width, short, long):
        super().__init__()
        self.short, self.long = short, long

    def forward(self, x):
        if x.shape[-2] <= cap:
            return self.short(x)
        return self.long(x)


def exact_when_short(N, d):
    return Switching(d, SoftmaxAttention(d), LinearAttention(d, form="cumsum")), (torch.empty(1, N, d),)


def exact_when_long(N, d):
    return Switching(d, LinearAttention(d, form="cumsum"), SoftmaxAttention(d)), (torch.empty(1, N, d),)


figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.4), sharey=True)
width = 16
for axis, subject, outcome in zip(axes, (exact_when_short, exact_when_long), ("CONFIRMED", "REFUTED"), strict=True):
    cost = derive(subject)
    work, verdict = cost.quantity("work"), judge(cost, "work", "N*d**2")
    print(explained(verdict, subject.__name__), end="\n\n")
    assert verdict.outcome.name == outcome
    below, above = work.regimes
    assert (below.conditions, above.conditions) == ((f"N <= {cap}",), (f"N > {cap}",))
    assert not below.open_end
    assert above.open_end
    for regime, at, colour in (
        (below, [2**i for i in range(4, 12)], BLUE),
        (above, [cap + 1, *(2**i for i in range(12, 18))], RED),
    ):
        exact = values(regime.formula, "N", at, d=width)
        assert [counted(subject, N=n, d=width)[0] for n in at] == list(exact)
        axis.loglog(at, exact, "o-", color=colour, ms=4, lw=1, label=regime.conditions[0])
    beyond = [cap, 2**17]
    axis.loglog(beyond, values(below.formula, "N", beyond, d=width), ":", color=BLUE, label="small sizes, drawn on")
    axis.axvline(cap, color=GREY, lw=0.8, label=f"the cap, {cap}")
    axis.set(title=f"{subject.__name__}: O(N d²) {outcome}", xlabel=f"N   (d = {width})")
    axis.legend(fontsize=8)
axes[0].set_ylabel("exact work, scalar operations")
plt.show()

# %% [markdown]
# The left one is linear although everything one would run on a laptop is quadratic; the right one the other way round.
# Where a side cannot be reached, the verdict says which line was not tried, and `assert_bound` raises `Undecided` in
# place of a yes.
#
# ## 6. How to read an answer, and what it does not mean
#
# **Levels.** *tested*: the formula has been found from exact counts, fits all of them without remainder, and has
# predicted more, at larger sizes, that it was not made from; no comparison of sizes was left with an untried side. That
# the count has such a form at all is an assumption, so this is no proof for all sizes. *derived*: torch has run the
# layer with symbols in place of sizes (`derive(..., symbolic=True)`; the command does so), and the formula is the very
# expression that came out, for all sizes that meet the conditions printed; possible for code without loops over tokens.
# *MEASURED* is the clock. It is drawn, and decides nothing.

# %%
symbolic = derive(fixed_linear_attention, symbolic=True).quantity("work")
print(symbolic.level, "    ", symbolic.formula, "    ", *symbolic.conditions)
assert symbolic.level == "derived"
assert symbolic.formula == fixed.work
assert fixed.quantity("work").level == "tested"

# %% [markdown]
# **What a yes does not mean.**
#
# - Not that the layer is fast. Operations are counted by the rules of the cost model, one unit each; a multiplication
#   in a large matrix product and one in a Python loop take very different times, and traffic to memory (`moved`) may
#   decide.
# - Not that no better program exists. Work and span belong to the program as it is written: `triangular ones @ k` and
#   `cumsum` compute the same. A constant span in the threshold model supports a statement about circuits, and does not
#   prove it.
# - Not that the constant is the one on your machine, nor that sizes below those stated obey it.
# - Nothing about the backward pass, about memory, or about decoding, unless you ask: `derive(layer).backward.work`,
#   `memory=`, `saved=`, `state=`. A layer can be linear forward and keep $N^2$ numbers for backward.
# - **UNDECIDED** is an answer: an operation without a rule, a branch on values, a side of a threshold not tried. The
#   message says which, and what to do: `register_formula`, `reference=`, or one more size.
