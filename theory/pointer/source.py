"""The work that raised the questions, and the layer's equations in words."""

from dataclasses import replace

from theory.claim import Source

POINTER = Source(
    key="li2025pointer",
    authors="Zixi Li",
    title="Pointer: Linear-Complexity Long-Range Modeling without Pre-training",
    year=2025,
    where="arXiv 2508.02631",
    status="derived",
    eprint="2508.02631",
)
"""The work as the origin of a question; the wording, the constants and the proofs are ours."""

POINTER_TOLD = replace(POINTER, status="recalled")
"""For a sentence or a number as a summary of the paper tells it; the paper's own text was not read."""

POINTER_ARTICLE = Source(
    key="li2025pointerarticle",
    authors="Zixi Li",
    title="Pointer: Linear-Complexity Long-Range Modeling without Pre-training (article)",
    year=2025,
    where="the author's article of 5 August 2025",
    status="quoted",
)
"""The author's own short account of the paper, with its tables; read."""

POINTER_REPOSITORY = Source(
    key="li2025pointercode",
    authors="Zixi Li",
    title="Efficient & Interpretable Pointer Networks (README and code)",
    year=2025,
    where="the author's public repository, July 2025",
    status="quoted",
)
"""README and code of a bidirectional variant that came before the paper; read."""

LAYER = "p_i = argmax_j s_ij;  z_i = h_{p_i} * Gate(h_i);  H' = LN(H + z) + FFN(.);  the previous layer's pointer is encoded into h_i"
