"""The Deltaformer as a layer: projections, heads, groups, gates and a cache around the operator of this package."""

from __future__ import annotations

from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.arrays import select, undisturbed, widen
from constructions.layers.deltaformer.decoding import Cache, decode, init_cache
from constructions.layers.deltaformer.doors import check_chunk, check_form
from constructions.layers.deltaformer.forms import attention, chunked, read
from constructions.layers.deltaformer.stages import is_linear
from constructions.layers.kernels import Kernel, Softmax, named
from constructions.layers.shapes import check_positive, check_token, check_tokens

__all__ = ["Deltaformer"]


class Deltaformer(nn.Module):
    """Attention that writes u_t = alpha_t v_t - beta_t sum_{i<t} kappa1(k_i, w_t) u_i before it reads
    o_t = sum_{i<=t} kappa2(k_i, q_t) u_i.

    width: of the input and the output. heads: queries a token. groups: keys and values a token, heads unless given; it divides
        heads, and heads / groups heads share a key and a value. head_dim: of q, k, w; width / heads unless given. value_dim: of
        v, u, o; head_dim unless given.
    kernel, read_kernel: kappa1 and kappa2, a `Kernel` or a name of `constructions.layers.kernels.NAMES`, softmax having scale
        head_dim ** -0.5; read_kernel is kernel unless given.
    write: "key", w = k; "query", w = q, which makes u differ between the heads of a group; "own", a projection, one a group.
    beta: 1 or 2, a learned gate in (0, beta) from the token; None, beta = 1.
    alpha: whether there is a learned gate in (0, 1) on the value.
    unit: whether q, k, w are divided by their lengths; for every kernel but softmax unless given. With unit keys, w = k, a
        linear kernel and beta in (0, 2) the writes cannot grow.
    form, chunk: as in `attention`. bias: of all projections.

    The default is the variant of flash-linear-attention with its gate: both kernels softmax, w = q. Heads and groups are batch
    axes of the operator: `(batch, groups, heads / groups, T, ...)`, with size 1 where the heads of a group share.

    Cost for T tokens besides the projections, H heads, G groups, R = H with write "query" and else G: work
    O(T^2 (R + H) (d + m)), memory O(T (H + G) (d + m) + C T), of neither T^2 nor all heads at once; linear kernels work
    O(T C (R + H) (d + m) + T (R + H) d m). A decoded token: O(t (R + H) (d + m)), from a cache of t (G d + R m) numbers; linear
    kernels O((R + H) d m), from a state of R d m numbers.

    Computes in the dtype of the weights, and within autocast in that of the projections; formats narrower than float32 are
    widened between the projections. Whether numbers are finite is not looked at: what is not goes through, as in torch's layers.
    Raises ValueError for sizes that are not positive or do not divide, an unknown kernel, write or form, a gate range other than
    these; then for inputs, masks or states of the wrong shape, dtype or device.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        *,
        groups: int | None = None,
        head_dim: int | None = None,
        value_dim: int | None = None,
        kernel: Kernel | str = "softmax",
        read_kernel: Kernel | str | None = None,
        write: Literal["key", "query", "own"] | str = "query",
        beta: int | None = 1,
        alpha: bool = False,
        unit: bool | None = None,
        form: str = "chunked",
        chunk: int | None = None,
        bias: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        groups = heads if groups is None else groups
        check_positive("Deltaformer", width=width, heads=heads, groups=groups)
        sizes = {"head_dim": head_dim, "value_dim": value_dim}
        check_positive("Deltaformer", **{name: size for name, size in sizes.items() if size is not None})
        if dtype is not None and (not dtype.is_floating_point or dtype.itemsize < 2):
            raise ValueError(f"Deltaformer: dtype = {dtype}; give a floating-point format of at least 16 bits")
        if heads % groups:
            raise ValueError(
                f"Deltaformer: {heads} heads are not divisible by {groups} groups; give a number of groups that divides {heads}"
            )
        if head_dim is None and width % heads:
            raise ValueError(
                f"Deltaformer: width {width} is not divisible by {heads} heads; give head_dim, or heads that divide {width}"
            )
        if write not in ("key", "query", "own"):
            raise ValueError(f"Deltaformer: write = {write!r}; give 'key', 'query' or 'own'")
        if beta not in (None, 1, 2):
            raise ValueError(
                f"Deltaformer: beta = {beta!r}; give 1 or 2, the end of the gate's range, or None for beta = 1"
            )
        self.width, self.heads, self.groups, self.write = width, heads, groups, write
        self.head_dim = width // heads if head_dim is None else head_dim
        self.value_dim = self.head_dim if value_dim is None else value_dim
        self.kernel = named(kernel, self.head_dim)
        self.read_kernel = self.kernel if read_kernel is None else named(read_kernel, self.head_dim)
        self.beta_range = beta
        softmax = isinstance(self.kernel, Softmax) and isinstance(self.read_kernel, Softmax)
        self.unit = not softmax if unit is None else unit
        self.form = check_form("Deltaformer", form)
        self.chunk = None if chunk is None else check_chunk("Deltaformer", chunk, self.kernel)

        def project(out: int) -> nn.Linear:
            return nn.Linear(width, out, bias=bias, device=device, dtype=dtype)

        self.query, self.key = project(heads * self.head_dim), project(groups * self.head_dim)
        self.value, self.out = (
            project(groups * self.value_dim),
            nn.Linear(heads * self.value_dim, width, bias=bias, device=device, dtype=dtype),
        )
        self.writer = project(groups * self.head_dim) if write == "own" else None
        self.beta_gate = None if beta is None else project(self.writers)
        self.alpha_gate = project(groups) if alpha else None

    @property
    def writers(self) -> int:
        """How many u are written a token: one a head when the query writes, else one a group."""
        return self.heads if self.write == "query" else self.groups

    def extra_repr(self) -> str:
        return (
            f"width={self.width}, heads={self.heads}, groups={self.groups}, kernel={self.kernel}, "
            f"read_kernel={self.read_kernel}, write={self.write!r}, beta={self.beta_range}, unit={self.unit}"
        )

    def forward(self, x: Tensor, valid: Tensor | None = None) -> Float[Tensor, "batch time width"]:
        """`x (batch, T, width)` -> y of the same shape. valid `(batch, T)`: False at padding, anywhere; there y is the bias
        of the output alone, and the other tokens are as without it."""
        x = self._counting(x, valid)
        o = attention(
            **self._tokens(x),
            kernel=self.kernel,
            read_kernel=self.read_kernel,
            valid=None if valid is None else valid[:, None, None, :],
            form=self.form,
            chunk=self.chunk,
            check_finite=False,
        )
        return self._join(o)

    def prefill(
        self, x: Tensor, valid: Tensor | None = None
    ) -> tuple[Float[Tensor, "batch time width"], Cache | Tensor]:
        """`forward`, by the chunked form, and the state after it, from which `step` goes on."""
        x = self._counting(x, valid)
        t = self._tokens(x)
        seen = None if valid is None else valid[:, None, None, :]
        q = t.pop("q")
        # In float32 at least, so that what is kept is what decoding would have kept.
        wide: dict[str, Any] = {name: None if a is None else widen(a) for name, a in t.items()}
        how: dict[str, Any] = {"valid": seen, "chunk": self.chunk, "check_finite": False}
        u = chunked(**wide, kernel=self.kernel, **how)
        o = read(widen(q), wide["k"], u, kernel=self.read_kernel, **how).to(q.dtype)
        keys = wide["k"] if seen is None else wide["k"].where(seen[..., None], 0)
        if is_linear(self.kernel) and is_linear(self.read_kernel):
            with undisturbed(u):
                state = keys.mT @ u
            return self._join(o), state
        return self._join(o), Cache(keys, u, seen)

    def init_state(self, batch: int) -> Cache | Tensor:
        """What there is before the first token, of the weights' device and dtype (float32 if that is narrower)."""
        if batch < 0:
            raise ValueError(f"Deltaformer.init_state: batch = {batch}; give how many sequences are decoded")
        like = self.key.weight
        k = like.new_empty((batch, self.groups, 1, self.head_dim))
        v = like.new_empty((batch, self.groups, self.writers // self.groups, self.value_dim))
        return init_cache(k, v, kernel=self.kernel, read_kernel=self.read_kernel)

    def step(self, x_t: Tensor, state: Cache | Tensor) -> tuple[Float[Tensor, "batch width"], Cache | Tensor]:
        """One token `(batch, width)` after those in `state`: its output, and the new state. `state` is left alone."""
        check_token("Deltaformer", x_t, self.key.weight)
        t = {
            name: None if a is None else a.squeeze(-2 if name in "qkwv" else -1)
            for name, a in self._tokens(x_t[:, None]).items()
        }
        o, state = decode(state, **t, kernel=self.kernel, read_kernel=self.read_kernel, check_finite=False)
        return self._join(o[..., None, :])[:, 0], state

    def _counting(self, x: Tensor, valid: Tensor | None) -> Tensor:
        """x with zeros at padding, so that nothing there, not even NaN, reaches the weights' gradients."""
        check_tokens("Deltaformer", x, self.key.weight)
        if valid is None:
            return x
        if valid.dtype != torch.bool or valid.shape != x.shape[:2] or valid.device != x.device:
            raise ValueError(
                f"Deltaformer: valid is {valid.dtype} of shape {tuple(valid.shape)} on {valid.device}; expected torch.bool of "
                f"shape {tuple(x.shape[:2])} on {x.device}, True where a token counts"
            )
        return select(valid[..., None], x)

    def _tokens(self, x: Tensor) -> dict[str, Any]:
        """q, k, w, v, beta, alpha, of one dtype, on the axes (batch, groups, heads of a group or 1, T, ...)."""

        def split(rows: Tensor, parts: int) -> Tensor:
            return rows.unflatten(-1, (self.groups, parts // self.groups, -1)).movedim(1, 3)

        q, k, v = (
            split(project(x), parts)
            for project, parts in ((self.query, self.heads), (self.key, self.groups), (self.value, self.groups))
        )
        w = {"key": None, "query": q}.get(self.write)
        if self.writer is not None:
            w = split(self.writer(x), self.groups)
        if self.unit:
            tied = w is q
            q, k, w = (
                None if a is None else nn.functional.normalize(a.float() if a.itemsize < 4 else a, dim=-1).to(a.dtype)
                for a in (q, k, w)
            )
            w = q if tied else w
        beta = alpha = None
        if self.beta_gate is not None:
            beta = (self.beta_range or 1) * split(torch.sigmoid(self.beta_gate(x)), self.writers)[..., 0]
        if self.alpha_gate is not None:
            alpha = split(torch.sigmoid(self.alpha_gate(x)), self.groups)[..., 0]
        made = {"q": q, "k": k, "w": w, "v": v, "beta": beta, "alpha": alpha}
        return {name: None if a is None else a.to(v.dtype) for name, a in made.items()}

    def _join(self, o: Tensor) -> Tensor:
        return self.out(o.movedim(3, 1).flatten(2))
