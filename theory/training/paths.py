"""Claims about learning reachability, by path length: what a model earns on average hides what it can do.

Theory, from the equations. Whether the edge (x, y) is told is one look-up of one token. A path of two edges needs that the write
of (z, y) read what (x, z) wrote, so that keys and writes of all tokens agree on what a name is: the Deltaformer of one layer can hold
that (w its own, the theorem's weights), but until they agree the gradient shows only the look-up. And the look-up misleads: where no
edge is told it says no, so that it is wrong on every longer path, worse than a coin. Linear attention adds and never erases, so no
write reads another.

Names, steps and thresholds were not fixed before a run: with 16 names and 600 steps all had stayed at a guess, hence 6 names, and the
numbers below stand from the first version of the claims, before the full study but not before pilots. No theory gives 4/5 on one edge,
nor DeltaNet's 0.7, which only leaves room; in the recorded runs all of its seeds are right on 0.85 or more.

A model that has not learned here has not learned in these steps at this size, and more is not said.
"""

from dataclasses import replace

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

VARIANT = "one block of mixer and MLP, 6000 parameters; 500 steps of Adam, 64 graphs each"
ARITHMETIC = "fp32, on the device and threads of the scope"
HYPOTHESES = (
    "two chains over 6 names in topological order, an edge a token, one question",
    "as many questions with a path as without, and the gap of the two nodes tells nothing: a guess is right half the time",
)

one_edge = Claim(
    id="training/paths/one-edge",
    statement="The Deltaformer with linear kernels and w of its own learns the paths of one edge: every seed is right on 0.8 of them, "
    "and on 0.8 of the questions without a path.",
    formula="accuracy(no path) >= 4/5 and accuracy(1 edge) >= 4/5 for every seed",
    quantifier="for the seeds of the check",
    hypotheses=HYPOTHESES,
    source=DELTAFORMER,
    variant=VARIANT,
    arithmetic=ARITHMETIC,
    paper="(ours: what is learnt first)",
    expected="confirmed",
    strength="measured",
    reason="it is one look-up",
)

reachability = Claim(
    id="training/paths/reachability",
    statement="It learns reachability: every seed is right on 0.8 of the questions at every path length.",
    formula="accuracy(e edges) >= 4/5 for e = 0 (no path), 1, 2, 3, for every seed",
    quantifier="for the seeds of the check",
    hypotheses=HYPOTHESES,
    source=replace(DELTAFORMER, status="recalled"),
    variant=VARIANT,
    arithmetic=ARITHMETIC,
    paper="the Deltaformer learns reachability",
    expected="refuted",
    strength="measured",
    reason="at some 32,000 graphs of 36 edge tokens the writes of different tokens do not agree yet, and the look-up is in the way",
)

longer = Claim(
    id="training/paths/longer",
    statement="In these steps it learns the look-up alone: on paths of two edges and of three no seed is right half the time, which a "
    "coin would be, though on one edge every seed is right on 0.8; DeltaNet with beta in (0, 2) likewise, though on 0.7.",
    formula="accuracy(2 edges), accuracy(3 edges) <= 1/2 for every seed",
    quantifier="for the seeds of the check",
    hypotheses=HYPOTHESES,
    source=DELTAFORMER,
    variant=VARIANT,
    arithmetic=ARITHMETIC,
    paper="(amended: paths of one edge in this time)",
    expected="confirmed",
    strength="measured",
    reason="who looks the edge up answers no where it is not told; 0.8 and 0.7 are no theory's and were set after pilots",
)

average = Claim(
    id="training/paths/average",
    statement="On average over all questions no seed earns more than the look-up alone would plus a twentieth, and every seed earns "
    "half of the way from a guess to it: from the average one could not tell which paths are learnt.",
    formula="(1/2 + L) / 2 <= accuracy <= L + 1/20, L the share of questions without a path or with one of one edge",
    quantifier="for the seeds of the check",
    hypotheses=HYPOTHESES,
    source=DELTAFORMER,
    variant=VARIANT,
    arithmetic=ARITHMETIC,
    paper="(ours: why strata are told)",
    expected="confirmed",
    strength="measured",
    reason="it is the look-up that is learnt",
)

construction = Claim(
    id="training/paths/construction",
    statement="The theorem's weights in the model that trains answer every question right, whatever the path length: chains, trees and "
    "random graphs, told by edges or by nodes.",
    formula="every answer right",
    quantifier="for all names up to float32's room; tested up to those of the check",
    hypotheses=("topological order",),
    source=DELTAFORMER,
    variant="one layer of deltaformer-linear-own, one head, an MLP of a neuron for each name",
    arithmetic="fp32, CPU",
    paper="one layer decides reachability",
    expected="confirmed",
    strength="tested",
    reason="the memory sums over paths, each a product of factors 1 or 1 / sqrt 2, and the MLP tells 0 from the least of them",
)
