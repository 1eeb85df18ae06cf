"""The works that raised the questions."""

from dataclasses import replace

from theory.claim import Source

MEP = Source(
    key="gao2024mep",
    authors="Weiguo Gao",
    title="MEP: Multiple Kernel Learning Enhancing Relative Positional Encoding Length Extrapolation",
    year=2024,
    where="arXiv 2403.17698",
    status="derived",
    eprint="2403.17698",
)
"""The work as the origin of a question; the wording, the constants and the proofs are ours."""

MEP_TOLD = replace(MEP, status="recalled")
"""For a sentence as a summary of the paper tells it; the paper's own text was not read."""

ALIBI = Source(
    key="press2022alibi",
    authors="Ofir Press, Noah A. Smith, Mike Lewis",
    title="Train Short, Test Long: Attention with Linear Biases Enables Input Length Extrapolation",
    year=2022,
    where="arXiv 2108.12409",
    status="recalled",
    eprint="2108.12409",
)

KERPLE = Source(
    key="chi2022kerple",
    authors="Ta-Chung Chi, Ting-Han Fan, Peter J. Ramadge, Alexander I. Rudnicky",
    title="KERPLE: Kernelized Relative Positional Embedding for Length Extrapolation",
    year=2022,
    where="arXiv 2205.09921",
    status="derived",
    eprint="2205.09921",
)

FIRE = Source(
    key="li2023fire",
    authors="Shanda Li, Chong You, Guru Guruganesh, Joshua Ainslie, Santiago Ontanon, Manzil Zaheer, Sumit Sanghai, "
    "Yiming Yang, Sanjiv Kumar, Srinadh Bhojanapalli",
    title="Functional Interpolation for Relative Positions Improves Long Context Transformers",
    year=2023,
    where="arXiv 2310.04418",
    status="derived",
    eprint="2310.04418",
)
