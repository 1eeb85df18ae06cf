"""The work that raised the questions, and the operator's variants in words."""

from theory.claim import Source

DELTAFORMER = Source(
    key="zhong2025associative",
    authors="Shu Zhong, Mingyu Xu, Tenglong Ao, Guang Shi",
    title="Understanding Transformer from the Perspective of Associative Memory",
    year=2025,
    where="arXiv 2505.19488",
    status="derived",
    eprint="2505.19488",
)

OPERATOR = "u_t = v_t - beta_t sum_{i<t} <k_i, w_t> u_i;  o_t = sum_{i<=t} <k_i, q_t> u_i; linear kernels"

SWAP_VARIANT = f"{OPERATOR}; w = k; beta = 1"

GRAPH_VARIANT = f"{OPERATOR}; w free; beta = 1"
