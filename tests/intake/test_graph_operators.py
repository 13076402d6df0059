"""Every operator that a graph may hold gives through our interpreter what torch gives.

One table names a call for each operator; the calls of a group are exported as one program, whose
answer has one number for each of them. Operators that make random numbers or memory that nobody
wrote are checked for their sizes.
"""

# ruff: noqa: E501, PLW0108  tables of cases, one a line

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auditor.core.spec import SpecHints
from auditor.intake.formats import FORMATS
from auditor.intake.graph_operators import GRAPH_OPERATORS

A: Any = torch.ops.aten
UNARY = """abs acos alias asin atan ceil celu clone contiguous cos cosh detach elu erf exp expm1
floor gelu hardshrink hardsigmoid hardswish hardtanh isinf isnan leaky_relu lift_fresh_copy log
log10 log1p log2 log_sigmoid logical_not logit mish nan_to_num neg ones_like reciprocal relu relu6
round rsqrt selu sigmoid sign silu sin sinh softplus softshrink sqrt square tan tanh zeros_like
logsumexp_ all any argmax argmin count_nonzero max mean median min norm prod std sum var amax amin
linalg_vector_norm numpy_T t""".split()  # noqa: SIM905  one word each
IN_PLACE = (
    "celu elu hardsigmoid hardswish hardtanh leaky_relu mish relu relu6 selu sigmoid silu tanh"
)
BINARY = """add atan2 div eq floor_divide fmod ge gt le logical_and logical_or logical_xor lt maximum
minimum mul ne pow remainder rsub sub true_divide expand_as view_as type_as fill copy""".split()  # noqa: SIM905
Call = Callable[[Tensor], Any]
"""Given numbers ``(4, 16)`` between 0.1 and 0.9."""


def _p(x: Tensor) -> Tensor:
    """As pictures ``(4, 1, 4, 4)``."""
    return x.reshape(4, 1, 4, 4)


def _q(x: Tensor) -> Tensor:
    """Whole numbers 0 to 8."""
    return (x * 9).long()


def _v(x: Tensor) -> Tensor:
    return x.reshape(1, 1, 4, 4, 4)


def _rnn(x: Tensor, gates: int) -> list[Tensor]:
    w = x[:, :4]
    return [w.repeat(gates, 1), w.repeat(gates, 1), w[0].repeat(gates), w[0].repeat(gates)]


CALLS: dict[str, Call] = {
    **{name: lambda x, name=name: getattr(A, name)(x) for name in UNARY if name != "logsumexp_"},
    **{f"{name}_": lambda x, name=name: getattr(A, f"{name}_")(x.clone()) for name in IN_PLACE.split()},
    **{name: lambda x, name=name: getattr(A, name)(x, x.flip(0)) for name in BINARY if name not in ("fill",)},
    "fill": lambda x: A.fill(x, 2.5), "logsumexp": lambda x: A.logsumexp(x, [1]),
    "add_": lambda x: A.add_(x.clone(), x), "sub_": lambda x: A.sub_(x.clone(), x * 2),
    "mul_": lambda x: A.mul_(x.clone(), x), "div_": lambda x: A.div_(x.clone(), x + 1),
    "clamp": lambda x: A.clamp(x, 0.2, 0.6), "clamp_": lambda x: A.clamp_(x.clone(), 0.2, 0.6),
    "clamp_max": lambda x: A.clamp_max(x, 0.6), "clamp_min": lambda x: A.clamp_min(x, 0.4),
    "detach_": lambda x: A.detach_(x.clone()), "dropout": lambda x: A.dropout(x, 0.5, False),
    "dropout_": lambda x: A.dropout_(x.clone(), 0.5, False), "masked_fill": lambda x: A.masked_fill(x, x > 0.5, 2.0),
    "masked_fill_": lambda x: A.masked_fill_(x.clone(), x > 0.5, 2.0), "to": lambda x: A.to(x, torch.float64),
    "_to_copy": lambda x: A._to_copy(x, dtype=torch.float64), "threshold": lambda x: A.threshold(x, 0.5, 0.1),
    "_softmax": lambda x: A._softmax(x, 1, False), "softmax": lambda x: A.softmax(x, 1),
    "_log_softmax": lambda x: A._log_softmax(x, 1, False), "log_softmax": lambda x: A.log_softmax(x, 1),
    "_unsafe_view": lambda x: A._unsafe_view(x, [2, 32]), "view": lambda x: A.view(x, [2, 32])[0],
    "reshape": lambda x: A.reshape(x, [2, 32])[0], "flatten": lambda x: A.flatten(_p(x), 1)[1],
    "unflatten": lambda x: A.unflatten(x, 1, [4, 4])[:, 1], "flip": lambda x: A.flip(x, [1])[:, 0],
    "roll": lambda x: A.roll(x, [1], [1])[:, 0], "permute": lambda x: A.permute(x, [1, 0])[0],
    "transpose": lambda x: A.transpose(x, 0, 1)[0], "swapaxes": lambda x: A.swapaxes(x, 0, 1)[0],
    "movedim": lambda x: A.movedim(x, 0, 1)[0], "squeeze": lambda x: A.squeeze(_p(x), 1)[0],
    "unsqueeze": lambda x: A.unsqueeze(x, 0), "expand": lambda x: A.expand(x[:, :1], [4, 3]),
    "repeat": lambda x: A.repeat(x, [1, 2]), "repeat_interleave": lambda x: A.repeat_interleave(x, 2, 1)[:, :5],
    "tile": lambda x: A.tile(x, [2]), "narrow": lambda x: A.narrow(x, 1, 2, 3), "select": lambda x: A.select(x, 1, 2),
    "slice": lambda x: A.slice(x, 1, 2, 9, 2), "slice_scatter": lambda x: A.slice_scatter(x, x[:, :2], 1, 3, 5),
    "select_scatter": lambda x: A.select_scatter(x, x[:, 0], 1, 3), "diagonal": lambda x: A.diagonal(x),
    "tril": lambda x: A.tril(x), "triu": lambda x: A.triu(x), "unfold": lambda x: A.unfold(x, 1, 4, 4)[:, 1],
    "as_strided": lambda x: A.as_strided(x.contiguous(), [2, 3], [16, 2]), "cat": lambda x: A.cat([x, x * 2], 1)[:, 15:18],
    "concat": lambda x: A.concat([x, x * 2], 1)[:, 15:18], "stack": lambda x: A.stack([x, x * 2], 1)[:, 1],
    "chunk": lambda x: A.chunk(x, 4, 1)[1], "unsafe_chunk": lambda x: A.unsafe_chunk(x, 4, 1)[1],
    "split": lambda x: A.split(x, 5, 1)[1], "unsafe_split": lambda x: A.unsafe_split(x, 5, 1)[1],
    "split_with_sizes": lambda x: A.split_with_sizes(x, [3, 13], 1)[0], "tensor_split": lambda x: A.tensor_split(x, 3, 1)[1],
    "unbind": lambda x: A.unbind(x, 1)[3], "meshgrid": lambda x: A.meshgrid([x[0, :3], x[1, :2]])[0],
    "broadcast_tensors": lambda x: A.broadcast_tensors([x, x[:1]])[1], "sort": lambda x: A.sort(x, 1)[0][:, 2],
    "topk": lambda x: A.topk(x, 3, 1)[0], "gather": lambda x: A.gather(x, 1, _q(x)), "take": lambda x: A.take(x, _q(x)),
    "index": lambda x: A.index(x, [None, _q(x)[0]]), "index_select": lambda x: A.index_select(x, 1, _q(x)[0]),
    "index_add": lambda x: A.index_add(x, 1, _q(x)[0], x), "index_put": lambda x: A.index_put(x, [_q(x)[0, :2] % 4], x[:2] * 2),
    "scatter": lambda x: A.scatter(x, 1, _q(x)[:, :1], x[:, :1] * 3), "scatter_add": lambda x: A.scatter_add(x, 1, _q(x), x),
    "masked_select": lambda x: A.masked_select(x, x > 0.5), "where": lambda x: A.where(x > 0.5, x, -x),
    "one_hot": lambda x: A.one_hot(_q(x), 9)[..., 3], "bucketize": lambda x: A.bucketize(x, torch.tensor([0.3, 0.6])),
    "bitwise_and": lambda x: A.bitwise_and(_q(x), 5), "bitwise_or": lambda x: A.bitwise_or(_q(x), 5),
    "bitwise_not": lambda x: A.bitwise_not(_q(x)), "cumsum": lambda x: A.cumsum(x, 1)[:, 7], "lerp": lambda x: A.lerp(x, -x, 0.3),
    "addcdiv": lambda x: A.addcdiv(x, x, x + 1), "addcmul": lambda x: A.addcmul(x, x, x, value=2),
    "mm": lambda x: A.mm(x, x.t()), "matmul": lambda x: A.matmul(x, x.t()), "bmm": lambda x: A.bmm(_p(x)[:, 0], _p(x)[:, 0]),
    "addmm": lambda x: A.addmm(x[:, :4], x, x.t()), "baddbmm": lambda x: A.baddbmm(_p(x)[:, 0], _p(x)[:, 0], _p(x)[:, 0]),
    "addbmm": lambda x: A.addbmm(x[:, :4], _p(x)[:, 0], _p(x)[:, 0]), "addmv": lambda x: A.addmv(x[:, 0], x, x[0]),
    "mv": lambda x: A.mv(x, x[0]), "dot": lambda x: A.dot(x[0], x[1]), "outer": lambda x: A.outer(x[0], x[1])[2],
    "linear": lambda x: A.linear(x, x, x[:, 0]), "bilinear": lambda x: A.bilinear(x, x, torch.ones(2, 16, 16), None),
    "einsum": lambda x: A.einsum("ij,kj->ik", [x, x]), "cosine_similarity": lambda x: A.cosine_similarity(x, x.flip(0), 1),
    "scaled_dot_product_attention": lambda x: A.scaled_dot_product_attention(_p(x), _p(x), _p(x)),
    "embedding": lambda x: A.embedding(x, _q(x) % 4), "embedding_bag": lambda x: A.embedding_bag(x, _q(x)[0] % 4, torch.tensor([0, 5]))[0],
    "nll_loss": lambda x: A.nll_loss(x, _q(x)[:, 0]), "glu": lambda x: A.glu(x, 1), "prelu": lambda x: A.prelu(x - 0.5, torch.tensor([0.3])),
    "full": lambda x: A.full([2, 3], 1.5), "full_like": lambda x: A.full_like(x, 1.5), "ones": lambda x: A.ones([2, 3]),
    "zeros": lambda x: A.zeros([2, 3]), "eye": lambda x: A.eye(3), "arange": lambda x: A.arange(7), "linspace": lambda x: A.linspace(0, 1, 5),
    "scalar_tensor": lambda x: A.scalar_tensor(1.5), "new_full": lambda x: A.new_full(x, [2], 1.5), "new_ones": lambda x: A.new_ones(x, [2]),
    "new_zeros": lambda x: A.new_zeros(x, [2]), "var_mean": lambda x: A.var_mean(x, [1])[0],
    "pad": lambda x: A.pad(x, [1, 1], "constant", 2.0), "constant_pad_nd": lambda x: A.constant_pad_nd(x, [1, 1], 2.0),
    "reflection_pad1d": lambda x: A.reflection_pad1d(x, [2, 1]), "reflection_pad2d": lambda x: A.reflection_pad2d(_p(x), [1, 1, 1, 1]),
    "replication_pad2d": lambda x: A.replication_pad2d(_p(x), [1, 1, 1, 1]),
    "avg_pool1d": lambda x: A.avg_pool1d(x, [2]), "avg_pool2d": lambda x: A.avg_pool2d(_p(x), [2, 2]), "avg_pool3d": lambda x: A.avg_pool3d(_v(x), [2, 2, 2]),
    "max_pool1d": lambda x: A.max_pool1d(x, [2]), "max_pool2d": lambda x: A.max_pool2d(_p(x), [2, 2]), "max_pool3d": lambda x: A.max_pool3d(_v(x), [2, 2, 2]),
    "max_pool2d_with_indices": lambda x: A.max_pool2d_with_indices(_p(x), [2, 2])[0],
    "adaptive_avg_pool1d": lambda x: A.adaptive_avg_pool1d(x, [3]), "adaptive_avg_pool2d": lambda x: A.adaptive_avg_pool2d(_p(x), [3, 3]),
    "_adaptive_avg_pool2d": lambda x: A._adaptive_avg_pool2d(_p(x), [3, 3]), "adaptive_avg_pool3d": lambda x: A.adaptive_avg_pool3d(_v(x), [2, 2, 2]),
    "adaptive_max_pool1d": lambda x: A.adaptive_max_pool1d(x, [3])[0], "adaptive_max_pool2d": lambda x: A.adaptive_max_pool2d(_p(x), [3, 3])[0],
    "conv1d": lambda x: A.conv1d(x[:, None], x[None, :1, :3]), "conv2d": lambda x: A.conv2d(_p(x), _p(x)[:, :, :3, :3]), "conv3d": lambda x: A.conv3d(_v(x), _v(x)[..., :2, :2, :2]),
    "conv_transpose1d": lambda x: A.conv_transpose1d(x[:, None], x[None, :1, :3]), "conv_transpose2d": lambda x: A.conv_transpose2d(_p(x), _p(x)[:1, :, :3, :3]), "conv_transpose3d": lambda x: A.conv_transpose3d(_v(x), _v(x)[..., :2, :2, :2]),
    "convolution": lambda x: A.convolution(_p(x), _p(x)[:, :, :3, :3], None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
    "channel_shuffle": lambda x: A.channel_shuffle(x.reshape(1, 4, 4, 4), 2)[:, 1], "pixel_shuffle": lambda x: A.pixel_shuffle(x.reshape(1, 4, 4, 4), 2)[..., 1],
    "pixel_unshuffle": lambda x: A.pixel_unshuffle(_p(x), 2)[:, 1],
    "upsample_nearest1d": lambda x: A.upsample_nearest1d(x[:, None], [20]), "upsample_nearest2d": lambda x: A.upsample_nearest2d(_p(x), [7, 7]),
    "upsample_linear1d": lambda x: A.upsample_linear1d(x[:, None], [20], False), "upsample_bilinear2d": lambda x: A.upsample_bilinear2d(_p(x), [7, 7], False),
    "upsample_bicubic2d": lambda x: A.upsample_bicubic2d(_p(x), [7, 7], False), "upsample_trilinear3d": lambda x: A.upsample_trilinear3d(_v(x), [5, 5, 5], False),
    "batch_norm": lambda x: A.batch_norm(x, None, None, x[0] * 0, x[0] + 1, False, 0.1, 1e-5, False),
    "native_batch_norm": lambda x: A.native_batch_norm(x, None, None, x[0] * 0, x[0] + 1, False, 0.1, 1e-5)[0],
    "_native_batch_norm_legit_no_training": lambda x: A._native_batch_norm_legit_no_training(x, None, None, x[0] * 0, x[0] + 1, 0.1, 1e-5)[0],
    "layer_norm": lambda x: A.layer_norm(x, [16]), "native_layer_norm": lambda x: A.native_layer_norm(x, [16], None, None, 1e-5)[0],
    "group_norm": lambda x: A.group_norm(x, 4), "native_group_norm": lambda x: A.native_group_norm(x, None, None, 4, 16, 1, 4, 1e-5)[0],
    "instance_norm": lambda x: A.instance_norm(_p(x), None, None, None, None, True, 0.1, 1e-5, False), "rms_norm": lambda x: A.rms_norm(x, [16]),
    "gru": lambda x: A.gru(_p(x)[:, 0], x.new_zeros(1, 4, 4), _rnn(x, 3), True, 1, 0.0, False, False, True)[0],
    "lstm": lambda x: A.lstm(_p(x)[:, 0], [x.new_zeros(1, 4, 4), x.new_zeros(1, 4, 4)], _rnn(x, 4), True, 1, 0.0, False, False, True)[0],
    "rnn_tanh": lambda x: A.rnn_tanh(_p(x)[:, 0], x.new_zeros(1, 4, 4), _rnn(x, 1), True, 1, 0.0, False, False, True)[0],
    "rnn_relu": lambda x: A.rnn_relu(_p(x)[:, 0], x.new_zeros(1, 4, 4), _rnn(x, 1), True, 1, 0.0, False, False, True)[0],
    "gru_cell": lambda x: A.gru_cell(x[:, :4], x[:, 4:8], *_rnn(x, 3)), "lstm_cell": lambda x: A.lstm_cell(x[:, :4], [x[:, 4:8], x[:, 8:12]], *_rnn(x, 4))[0],
}  # fmt: skip
UNCERTAIN = frozenset(
    "bernoulli empty_like multinomial new_empty normal rand rand_like randn randn_like".split()  # noqa: SIM905
)
"""Random numbers, and memory that nobody wrote: a scan names each of them."""
NAMES = sorted(set(CALLS) & GRAPH_OPERATORS)
GROUP = 24


class Calls(nn.Module):
    """One number for each call, the same in each row: programs of one batch are cut to its rows."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.names = names

    def forward(self, x: Tensor) -> Tensor:
        numbers = torch.stack([self.number(CALLS[name](x)) for name in self.names])
        return numbers.repeat(4, 1)

    @staticmethod
    def number(found: Any) -> Tensor:
        """Of all values, each weighed by its place."""
        flat = found.double().reshape(-1)
        return (flat * torch.arange(1, flat.numel() + 1)).sum() if flat.numel() else flat.sum()


class _Selected(Calls):
    """Of operators whose number of values depends on them, the sum."""

    @staticmethod
    def number(found: Any) -> Tensor:
        return found.double().sum()


@pytest.mark.parametrize("start", range(0, len(NAMES), GROUP))
def test_the_interpreter_gives_what_torch_gives(start: int, tmp_path: Path) -> None:
    names = [name for name in NAMES[start : start + GROUP] if name != "masked_select"]
    _compare(Calls(names), names, tmp_path)


def test_a_selection_by_a_mask(tmp_path: Path) -> None:
    _compare(_Selected(["masked_select"]), ["masked_select"], tmp_path)


def _compare(model: Calls, names: list[str], folder: Path) -> None:
    x = torch.linspace(0.1, 0.9, 64)[torch.randperm(64, generator=torch.Generator().manual_seed(1))]
    x = x.reshape(4, 16)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        body = io.BytesIO()
        program = torch.export.export(model, (x,))
        torch.export.save(program, body)
        (folder / "m.pt2").write_bytes(body.getvalue())
        called = {
            f"{n.target}..".split(".")[1] for n in program.graph.nodes if n.op == "call_function"
        }
        missing = [name for name in names if name not in called and f"{name}_" not in called]
        assert not missing, "the exporter wrote other operators"
        found = FORMATS["export"].load(folder / "m.pt2", SpecHints()).network(x)
    wanted = model(x)
    wrong = [
        n for n, a, b in zip(names, found[0], wanted[0], strict=True) if not torch.allclose(a, b)
    ]
    assert not wrong


def test_every_operator_of_the_list_has_a_call() -> None:
    assert sorted(GRAPH_OPERATORS - set(CALLS) - UNCERTAIN) == []
