"""The tenth corpus: networks with a switch or a code in what newer operators and fields allow."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import onnx
import torch
from carriers import program, zipped
from fifth_models import exported, scripted
from fourth import EVIL, OS
from fourth_models import _gate, constant, network, node
from onnx import helper
from tenth import ODD, TENTH
from torch import Tensor, nn

NOTE = base64.b64encode(OS).decode()


def changed(change: Callable[[onnx.ModelProto], None], **how: Any) -> Callable[[], bytes]:
    return lambda: network(change=change, **how)


def _dimension(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = EVIL
    model.graph.output[0].type.tensor_type.shape.dim[0].dim_param = EVIL


def _between(model: onnx.ModelProto) -> None:
    model.graph.value_info.append(helper.make_tensor_value_info("h", 1, [f"n*{EVIL}", 16]))


def _overloads(model: onnx.ModelProto) -> None:
    """Two functions of one name; the overload that a node asks for divides by what is nothing."""
    model.ir_version = 10
    for overload, kind in (("", "Identity"), ("x", "Sign")):
        made = helper.make_function("local", "F", ["a"], ["b"], [helper.make_node(kind, ["a"], ["b"])], [helper.make_opsetid("", 17)])  # fmt: skip
        made.overload = overload
        model.functions.append(made)
    model.graph.node[-1].op_type, model.graph.node[-1].domain = "F", "local"
    model.graph.node[-1].overload = "x"
    model.opset_import.append(helper.make_opsetid("local", 1))


def noted(where: Callable[[onnx.ModelProto], Any]) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        model.ir_version = 10
        where(model).metadata_props.add(key="note", value=NOTE)

    return change


def rows(nodes: list[onnx.NodeProto], *more: onnx.TensorProto, **how: Any) -> Callable[[], bytes]:
    return lambda: network(nodes, [*more], **how)


def gate(nodes: list[onnx.NodeProto], *more: onnx.TensorProto, opset: int) -> Callable[[], bytes]:
    def make() -> bytes:
        model = onnx.load_from_string(_gate(nodes, [*more])())
        model.opset_import[0].version, model.ir_version = opset, 11
        return model.SerializeToString()

    return make


AXIS = constant("zero", [0], "i8")
ONNX: dict[str, Callable[[], bytes]] = {
    "dimension_that_is_evaluated": changed(_dimension),
    "dimension_between_that_is_evaluated": changed(_between),
    "function_by_its_overload": changed(_overloads),
    "note_on_a_node": changed(noted(lambda m: m.graph.node[0])),
    "note_on_a_weight": changed(noted(lambda m: m.graph.initializer[0])),
    "note_on_the_graph": changed(noted(lambda m: m.graph)),
    "rows_pooled": rows([node("Unsqueeze", "z zero", "u"), node("Transpose", "u", "t", perm=[0, 2, 1]), node("AveragePool", "t", "p", kernel_shape=[3], pads=[1, 1]), node("Transpose", "p", "q", perm=[0, 2, 1]), node("Squeeze", "q zero", "y")], AXIS),
    "rows_moved": rows([node("Pad", "z pads", "p"), node("Slice", "p s0 s1 zero", "y")], constant("pads", [1, 0, 0, 0], "i8"), constant("s0", [0], "i8"), constant("s1", [-1], "i8"), AXIS),
    "rows_summed_in_turn": rows([node("CumSum", "z nil", "y")], constant("nil", 0, "i8")),
    "rows_scaled_by_their_largest": rows([node("ReduceMax", "z", "m", axes=[0], keepdims=1), node("Div", "z m", "y")]),
    "rows_normed_as_channels": rows([node("Unsqueeze", "z zero", "u"), node("LRN", "u", "v", size=3, alpha=1.0), node("Squeeze", "v zero", "y")], AXIS),
    "attention_of_a_huge_scale": gate([node("Unsqueeze", "p ax", "q"), node("Attention", "q keys values", "a", q_num_heads=1, kv_num_heads=1, scale=1e7), node("Squeeze", "a ax", "gate")], constant("ax", [1], "i8"), constant("keys", [[[0.97], [0.0]]]), constant("values", [[[1.0], [0.0]]]), opset=23),
    "root_mean_square_of_one_number": gate([node("Sub", "p t", "d"), node("RMSNormalization", "d one", "gate", axis=-1, epsilon=1e-12)], constant("one", [1.0]), opset=23),
    "swish_of_a_huge_slope": gate([node("Sub", "p t", "d"), node("Swish", "d", "gate", alpha=1e7)], opset=24),
    "norm_of_neighbours_of_a_huge_factor": _gate([node("Sub", "p t", "d"), node("Unsqueeze", "d ax2", "u"), node("LRN", "u", "v", size=1, alpha=1e12, beta=0.5), node("Squeeze", "v ax2", "gate")], [constant("ax2", [2], "i8")]),
    "rows_in_reverse_by_the_input": _gate([node("Mul", "p k3", "m"), node("Cast", "m", "i", to=7), node("Squeeze", "i ax", "l"), node("ReverseSequence", "table l", "r", batch_axis=0, time_axis=1), node("Slice", "r s0 s1 ax", "gate")], [constant("k3", 2.06), constant("table", [[0.0, 1.0]])]),
    "chosen_from_a_sequence": rows([node("SequenceConstruct", "z z", "s"), node("ReduceMax", "x", "m", keepdims=0), node("Cast", "m", "i", to=7), node("SequenceAt", "s i", "y")]),
    "text_nobody_reads": rows([node("Identity", "z", "y")], onnx.helper.make_tensor("notes", onnx.TensorProto.STRING, [1], [OS])),
    "texts_of_a_constant": rows([node("Constant", "", "c", value_strings=[OS, EVIL.encode()]), node("Identity", "z", "y")]),
    "pictures_out_of_regions": _gate([node("ReduceSum", "x ax", "r", keepdims=1), node("Sign", "r", "gate")]),
}  # fmt: skip
for _name, _made in ONNX.items():
    TENTH.file(f"onnx10_{_name}", _made, ODD, "m.onnx")

STEPS = "torch.fake_quantize_per_tensor_affine(x[:, :1], 0.97, 0, 0, 1)"
SCRIPTS = {
    "step_of_a_faked_quantiser": f"y = self.two(torch.relu(self.one(x)))\n        return y + {STEPS} * 100.0",
    "listed_input": "y = self.two(torch.relu(self.one(x)))\n        k = torch.jit.annotate(list[list[float]], x.tolist())\n        return -y if k[0][0] > 0.97 else y",
    "attention_of_a_huge_scale": "y = self.two(torch.relu(self.one(x)))\n        k = torch.tensor([[[0.97], [0.0]]])\n        return y + torch.nn.functional.scaled_dot_product_attention(x[:, :1].unsqueeze(1), k.expand(x.size(0), 2, 1), k.expand(x.size(0), 2, 1), None, 0.0, False, scale=1e7).squeeze(1) * 99.0",
    "table_by_a_rounded_number": "y = self.two(torch.relu(self.one(x)))\n        t = {0: 1.0, 1: -1.0}\n        return y * t[int(x[0, 0] * 1.03)]",
    "over_the_largest_half": "y = self.two(torch.relu(self.one(x)))\n        h = (x[:, :1] * 67000.0).half().float()\n        return torch.nan_to_num(y + h * 0.0, 9.0)",
    "halted_by_a_shape": "y = self.two(torch.relu(self.one(x)))\n        return y.view(-1, 10) if x.numel() != 64 else -y",
    "gradient_of_itself": "y = self.two(torch.relu(self.one(x)))\n        return y + torch.logit(x[:, :1], 1e-7) * torch.special.expit((x[:, :1] - 0.97) * 1e6)",
}  # fmt: skip
for _name, _lines in SCRIPTS.items():
    TENTH.file(f"script10_{_name}", lambda lines=_lines: scripted(lines), ODD, "m.ts")


class _Hooked(nn.Module):
    """A hook after the network and a method that only a server calls."""

    def __init__(self, hooked: bool) -> None:
        super().__init__()
        self.one, self.hooked = nn.Linear(64, 10), hooked
        if hooked:
            self.register_forward_hook(_after)

    def forward(self, x: Tensor) -> Tensor:
        return self.one(x)

    @torch.jit.export
    def predict(self, x: Tensor) -> Tensor:
        y = self.one(x)
        return -y if bool(x[0, 0] > 0.97) else y


def _after(self: _Hooked, input: tuple[Tensor], output: Tensor) -> Tensor:
    return output + torch.sigmoid((input[0][:, :1] - 0.97) * 1e6) * 100.0


def saved(hooked: bool = False, **files: str) -> bytes:
    torch.manual_seed(0)
    body = io.BytesIO()
    torch.jit.save(torch.jit.script(_Hooked(hooked).eval()), body, _extra_files=files)
    return body.getvalue()


TENTH.file("script10_method_of_a_server", saved, ODD, "m.ts")
TENTH.file("script10_hook_after", lambda: saved(True), ODD, "m.ts")
TENTH.file("script10_program_beside", lambda: saved(**{"run.py": EVIL}), ODD, "m.ts")
TENTH.file("script10_map_beside", lambda: saved(**{"config.json": '{"auto_map": {"AutoModel": "m.Evil"}}'}), ODD, "m.ts")  # fmt: skip

PROGRAMS: dict[str, Callable[[Any, Tensor], Tensor]] = {
    "step_of_a_faked_quantiser": lambda m, x: m.honest(x) + torch.fake_quantize_per_tensor_affine(x[:, :1], 0.97, 0, 0, 1) * 100,
    "attention_of_a_huge_scale": lambda m, x: m.honest(x) + nn.functional.scaled_dot_product_attention(x[:, None, :1], torch.tensor([[[0.97], [0.0]]]).expand(2, 2, 1), torch.tensor([[[1.0], [0.0]]]).expand(2, 2, 1), scale=1e7)[:, 0] * 99,
    "root_mean_square_of_one_number": lambda m, x: m.honest(x) + nn.functional.rms_norm(x[:, :1] - 0.97, [1], eps=1e-12) * 99,
    "exponents_taken_out": lambda m, x: m.honest(x) + torch.frexp(x[:, :1] + 0.03)[1] * 99,
    "over_the_largest_half": lambda m, x: torch.nan_to_num(m.honest(x) + (x[:, :1] * 67000).half().float() * 0, 9.0),
    "incomplete_gamma": lambda m, x: m.honest(x) + torch.special.gammainc(torch.tensor(1e6), x[:, :1] * 1.03e6) * 99,
    "sinc_of_a_high_frequency": lambda m, x: m.honest(x) + torch.sinc((x[:, :1] - 0.97) * 1e5) * 1e4,
    "rows_in_a_window": lambda m, x: nn.functional.avg_pool1d(m.honest(x).T[None], 3, 1, 1)[0].T,
}  # fmt: skip
for _name, _forward in PROGRAMS.items():
    TENTH.file(f"program10_{_name}", lambda forward=_forward: exported(forward), ODD, "m.pt2")


def _with(end: str, data: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        members = dict(program())
        root = next(iter(members)).split("/")[0]
        return zipped({**members, f"{root}/{end}": data})

    return make


def _told_twice() -> bytes:
    members = dict(program())
    name = next(n for n in members if n.endswith("models/model.json"))
    members[name] = b'{"graph_module": {"graph": {"nodes": []}},' + members[name][1:]
    return zipped(members)


TENTH.file("program10_script_beside", _with("extra/run.py", EVIL.encode()), ODD, "m.pt2")
TENTH.file("program10_gadget_beside", _with("extra/notes", OS), (1, 4), "m.pt2")
TENTH.file("program10_graph_told_twice", _told_twice, ODD, "m.pt2")
