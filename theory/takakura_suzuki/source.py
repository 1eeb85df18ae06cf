"""The works that raised the questions, and how much of each was read."""

from dataclasses import replace

from theory.claim import Source

TAKAKURA_SUZUKI = Source(
    key="takakura2023approximation",
    authors="Shokichi Takakura, Taiji Suzuki",
    title="Approximation and Estimation Ability of Transformers for Sequence-to-Sequence Functions with Infinite Dimensional Input",
    year=2023,
    where="ICML 2023, arXiv 2305.18699",
    status="recalled",
    eprint="2305.18699",
)
"""Statements told from a summary; the text itself was not checked."""

OKUMOTO_SUZUKI = Source(
    key="okumoto2022learnability",
    authors="Sho Okumoto, Taiji Suzuki",
    title="Learnability of Convolutional Neural Networks for Infinite Dimensional Input via Mixed and Anisotropic Smoothness",
    year=2022,
    where="ICLR 2022",
    status="quoted",
)
"""Statements whose text was read."""

DERIVED = replace(TAKAKURA_SUZUKI, status="derived")
"""The work as the origin of a question; wording, constants and proofs are ours."""
