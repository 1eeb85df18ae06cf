"""Layers nobody here wrote: blocks of the transformers library, built from a configuration, on meta tensors, nothing downloaded.

Each formula is derived by hand from the layer's equations under cost model v1, its terms beside the code that causes them, for
batch 1 and N > 1: with one token, transposed tensors are contiguous and copies of them are not made. Widths are multiples of d,
so that every d divides into heads. Layers are in evaluation mode, where dropout is no operation.
"""

from functools import cache

import pytest
import torch
from torch import nn

from empirics.cost import derive
from theory.cost.formulas import L, parse, symbol

pytest.importorskip("transformers", reason="transformers is not installed; pip install -e '.[test]'")
bert, gpt2, llama, mamba = (
    pytest.importorskip(f"transformers.models.{name}.modeling_{name}") for name in ("bert", "gpt2", "llama", "mamba")
)

N = symbol("N")
derived = cache(derive)


def bert_layer(N, d, attention="eager"):
    """Width D = 2 d, two heads of dimension d, hidden width 4 D."""
    config = bert.BertConfig(hidden_size=2 * d, num_attention_heads=2, intermediate_size=8 * d)
    config._attn_implementation = attention
    return bert.BertLayer(config).eval(), (torch.empty(1, N, 2 * d),)


def bert_layer_fused(N, d):
    return bert_layer(N, d, "sdpa")


def gpt2_block(N, d):
    """Width D = 2 d, two heads of dimension d, hidden width 4 D, no mask."""
    config = gpt2.GPT2Config(n_embd=2 * d, n_head=2, n_inner=8 * d)
    config._attn_implementation = "eager"
    return gpt2.GPT2Block(config, layer_idx=0).eval(), (torch.empty(1, N, 2 * d),)


class Rotated(nn.Module):
    """A Llama layer whose rotary cosines and sines come as inputs, as a model hands them to all of its layers."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x, cos, sin):
        return self.layer(x, position_embeddings=(cos, sin))


def llama_layer(N, d):
    """Width D = 8 d, four heads of dimension 2 d, two of them for keys and values, hidden width 2 D, no mask."""
    config = llama.LlamaConfig(
        hidden_size=8 * d, num_attention_heads=4, num_key_value_heads=2, head_dim=2 * d, intermediate_size=16 * d
    )
    config._attn_implementation = "eager"
    layer = Rotated(llama.LlamaDecoderLayer(config, layer_idx=0)).eval()
    return layer, (torch.empty(1, N, 8 * d), torch.empty(1, N, 2 * d), torch.empty(1, N, 2 * d))


def mamba_mixer(N, d):
    """Width d, inner width 2 d, state 4, time step of rank 3, a convolution of width 4 without bias; the loop over tokens."""
    config = mamba.MambaConfig(
        hidden_size=d, state_size=4, conv_kernel=4, expand=2, time_step_rank=3, use_conv_bias=False
    )
    return mamba.MambaMixer(config, layer_idx=0).eval(), (torch.empty(1, N, d),)


def total(*terms):
    return sum(parse(term) for term in terms).expand()


BERT = total(
    "3*(2*N*(2*d)**2 + N*2*d)",  # queries, keys, values, with biases
    "2*N**2*2*d + 2*N**2",  # scores of both heads, times the scale
    "5*2*N**2",  # softmax
    "2*N**2*2*d + N*2*d",  # values mixed, heads copied side by side
    "2*N*(2*d)**2 + N*2*d",  # output projection
    "N*2*d + 8*N*2*d",  # residual, layer norm
    "2*N*2*d*8*d + N*8*d + N*8*d",  # hidden layer, gelu
    "2*N*8*d*2*d + N*2*d",  # back to the width
    "N*2*d + 8*N*2*d",  # residual, layer norm
)
GPT2 = total(
    "8*N*2*d",  # layer norm
    "2*N*2*d*6*d + N*6*d",  # queries, keys, values in one product
    "2*N**2*2*d + 2*N**2 + 5*2*N**2 + 2*N**2*2*d",  # scores, scale, softmax, values mixed
    "N*2*d",  # heads copied side by side
    "2*N*(2*d)**2 + N*2*d + N*2*d",  # output projection, residual
    "8*N*2*d",  # layer norm
    "2*N*2*d*8*d + N*8*d",  # hidden layer
    "8*N*8*d",  # gelu by tanh, written out: half, cube, product, sum, product, tanh, one more, product
    "2*N*8*d*2*d + N*2*d + N*2*d",  # back to the width, residual
)
LLAMA = total(
    "2*(4*N*8*d + 3*N)",  # two norms: squares, their sum, times the root, times the weight; mean, epsilon, root
    "2*N*8*d*8*d + 2*2*N*8*d*4*d",  # queries, keys and values
    "N*8*d*4 + N*4*d",  # queries rotated: two products, a concatenation, a sum; half of them negated
    "N*4*d*4 + N*2*d",  # keys rotated
    "2*N*8*d",  # keys and values copied for the heads that share them
    "2*N**2*8*d + 4*N**2 + 5*4*N**2 + 2*N**2*8*d",  # scores, scale, softmax, values mixed
    "N*8*d + 2*N*8*d*8*d",  # heads copied side by side, output projection
    "3*2*N*8*d*16*d + 2*N*16*d",  # gate, up, down; silu, product
    "2*N*8*d",  # residuals
)
MAMBA = total(
    "2*N*d*4*d + 2*N*2*d*d",  # in, out
    "2*2*d*4",  # A: exp, neg
    "2*2*d*(N + 3)*4 + 2*d*N",  # convolution, three positions more than tokens, then silu
    "2*N*2*d*11",  # time step, B and C
    "2*N*2*d*3 + N*2*d",  # the time step's projection, a matrix times a batch: computed transposed, then copied
    "2*N*2*d",  # its bias, softplus
    "4*N*2*d*4",  # A times the step, exp, B times the step, times the input
    "2*d*4",  # zeros
    "N*4*2*d*4",  # each token: decay, input, and the read-out's product
    "N*2*d",  # read-outs stacked
    "4*N*2*d",  # D times the input, added; silu of the gate, product
)


@pytest.mark.parametrize(
    ("subject", "work"), [(bert_layer, BERT), (gpt2_block, GPT2), (llama_layer, LLAMA), (mamba_mixer, MAMBA)]
)
def test_work_is_as_derived_by_hand(subject, work):
    assert (derived(subject).work - work).expand() == 0


@pytest.mark.parametrize(
    ("terms", "polynomial"),
    [
        (BERT, "96*N*d**2 + 8*N**2*d + 12*N**2 + 64*N*d"),
        (GPT2, "96*N*d**2 + 8*N**2*d + 12*N**2 + 120*N*d"),
        (LLAMA, "1152*N*d**2 + 32*N**2*d + 24*N**2 + 190*N*d + 6*N"),
        (MAMBA, "12*N*d**2 + 154*N*d + 72*d"),
    ],
)
def test_the_sums_of_the_terms(terms, polynomial):
    """Added up on paper in widths and heads, D and H, rather than term by term in d."""
    assert terms == parse(polynomial)


def test_fused_attention_costs_the_same_products():
    """Scaled before the product rather than after it, so a unit less for each score of both heads; lower terms aside."""
    work = derived(bert_layer_fused).work.as_poly(N, symbol("d"))
    assert [work.coeff_monomial(parse(m)) for m in ("N*d**2", "N**2*d", "N**2")] == [96, 8, 10]


@pytest.mark.parametrize("subject", [bert_layer, gpt2_block, llama_layer])
def test_attention_is_logarithmic_in_depth(subject):
    """N enters by softmax, twice L(N), and by the product over N that follows it."""
    span = derived(subject).span
    assert span.coeff(L(N)) == 3
    assert N not in span.subs(L(N), 0).free_symbols


def test_a_recurrence_is_linear_in_depth():
    """A token's state is two operations after the one before it: decay and input."""
    assert derived(mamba_mixer).span.coeff(N) == 2
