"""Honest twins of the fourth corpus: what it imitates is allowed."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle  # noqa: TID251  writes files, reads none
import tarfile
import zipfile
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fourth import Delivery
from fourth_containers import H, _npy
from fourth_folders import CHAT, good
from fourth_models import _outside, constant, network, node
from safetensors.torch import save
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from torch import Tensor, nn

HONEST: dict[str, Delivery] = {}
DATA = {"epoch": 3, "loss": [0.5, 0.25], "classes": {"cat": 0, "dog": 1}}


def _file(name: str, data: bytes, codes: tuple[int, ...] = (0,)) -> None:
    _folder(name, {name: data}, codes)
    HONEST[name] = Delivery(HONEST[name].make, codes, name)


def _folder(name: str, files: dict[str, bytes], codes: tuple[int, ...] = (0,)) -> None:
    def make(root: Path) -> None:
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)

    HONEST[name] = Delivery(make, codes)


def _torch(value: Any, **how: Any) -> bytes:
    body = io.BytesIO()
    torch.save(value, body, **how)
    return body.getvalue()


G = torch.Generator().manual_seed(0)
STATE = {"0.weight": torch.randn(16, 64, generator=G) / 8, "0.bias": torch.zeros(16)}
_file("counter.pkl", pickle.dumps(Counter("hello")))
_file("default.pkl", pickle.dumps(defaultdict(list, {"a": [1]})))
_file("random_state.pkl", pickle.dumps(np.random.RandomState(0).get_state()))
_file("wide.pkl", pickle.dumps({"größe": 1, "模型": [1, 2]}))
_file("big_numbers.pkl", pickle.dumps({2**61 - 1: 1, -(2**70): 2}))
_file("many_numbers.pkl", pickle.dumps({k: str(k) for k in range(60_000)}))
_file("records.pkl", pickle.dumps(np.zeros(3, [("a", "<f4"), ("b", "<i8")])))
_file("aligned.pkl", pickle.dumps(np.zeros(3, np.dtype([("a", "u1"), ("b", "<f8")], align=True))))
_dates = io.BytesIO()
np.save(_dates, np.array(["2020-01-01"], "M8[D]"))
_file("dates.npy", _dates.getvalue())
_file("scalar.pkl", pickle.dumps({"a": np.float32(3), "b": np.int64(2), "c": np.bool_(True)}))
_file("size.pt", _torch({"s": torch.Size([1, 2]), "d": torch.device("cuda:0"), "t": torch.float16}))
_file("halves.pt", _torch({k: v.half() for k, v in STATE.items()}))
_file("truths.pt", _torch({"m": torch.rand(64, 64, generator=G) > 0.5}))
_file(
    "ascii_labels.pt", _torch({**STATE, "names": ["cat", "dog"], "note": "trained on 3 machines"})
)
_file("versions.pt", _torch(nn.Sequential(nn.Linear(64, 16), nn.BatchNorm1d(16)).state_dict()))
_file("masks.pt", _torch({**STATE, "mask": torch.full((8, 8), -1e9).triu(1)}))
_file("tiny_numbers.pt", _torch({**STATE, "exp_avg_sq": torch.rand(256, generator=G) ** 2 * 1e-12}))
_file("uint16.pt", _torch({"x": torch.arange(9, dtype=torch.int32).to(torch.uint16)}))
_file("ordered.pt", _torch(OrderedDict(STATE)))
_file(
    "quantised_like.pt",
    _torch({"q": torch.randint(-128, 127, (64, 64), generator=G, dtype=torch.int8)}),
)
_file("tokens.pt", _torch({"ids": torch.arange(3000)}))


def _streamed() -> bytes:
    body = io.BytesIO()

    class Stream(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            return body.write(data)

    with (
        zipfile.ZipFile(Stream(), "w") as archive,
        zipfile.ZipFile(io.BytesIO(_torch(STATE))) as old,
    ):
        for name in old.namelist():
            archive.writestr(name, old.read(name))
    return body.getvalue()


def _tar(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w", format=form) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_700_000_000.5 if form == tarfile.PAX_FORMAT else 17
            archive.addfile(info, io.BytesIO(data))
    return body.getvalue()


def _zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return body.getvalue()


_file("streamed.zip", _streamed(), (0, 3))
_file(
    "delivery.zip",
    _zip(
        {"model.safetensors": good(), "README.md": b"# a model\n", "sub/labels.txt": b"cat\ndog\n"}
    ),
)
_file("delivery.tar", _tar({"model.safetensors": good(), "ü.txt": b"hello"}), (4,))
_file(
    "delivery.gnu.tar",
    _tar({"model.safetensors": good(), "a/" * 60 + "b.txt": b"hello"}, tarfile.GNU_FORMAT),
    (4,),
)
_file("delivery.tar.gz", gzip.compress(_tar({"model.safetensors": good()})), (4,))
_file("data.pkl.gz", gzip.compress(pickle.dumps(DATA)))
_file(
    "two.pkl.gz",
    gzip.compress(pickle.dumps(DATA)[:20]) + gzip.compress(pickle.dumps(DATA)[20:]),
    (0, 3),
)
_file("data.pkl.bz2", bz2.compress(pickle.dumps(DATA)))
_file("data.pkl.xz", lzma.compress(pickle.dumps(DATA)))
_file(
    "metadata.safetensors",
    save({"w": STATE["0.weight"]}, {"format": "pt", "author": "Ünal", "licence": "MIT"}),
)
_file("header.npy", _npy(H))
for _seed, (_name, _model) in enumerate({
    "tree": DecisionTreeClassifier(), "forest": RandomForestClassifier(5), "near": KNeighborsClassifier(3),
    "vectors": SVC(), "logistic": LogisticRegression(),
}.items()):  # fmt: skip
    _r = np.random.default_rng(_seed)
    _x, _y = _r.random((60, 4)), _r.integers(0, 3, 60)
    _file(f"{_name}.pkl", pickle.dumps(_model.fit(_x, _y), 4))

LAST = {
    "plain": [node("Identity", "z", "y")],
    "softmax": [node("Softmax", "z", "y", axis=1)],
    "log_softmax": [node("LogSoftmax", "z", "y", axis=-1)],
    "sigmoid": [node("Sigmoid", "z", "y")],
    "residual": [node("MatMul", "h w2", "q"), node("Add", "z q", "y")],
    "temperature": [node("Div", "z two", "y")],
    "dropout": [node("Dropout", "z", "y")],
    "clip": [node("Clip", "z nil six", "y")],
    "gelu": [node("Div", "z two", "a"), node("Erf", "a", "b"), node("Mul", "z b", "y")],
    "swish": [node("Sigmoid", "z", "s"), node("Mul", "z s", "y")],
    "hard_swish": [node("HardSwish", "z", "y")],
    "norm": [node("LayerNormalization", "z b2 b2", "y", axis=-1)],
}
for _name, _nodes in LAST.items():
    _known = [constant("two", 2.0), constant("nil", 0.0), constant("six", 6.0)]
    _used = {name for entry in _nodes for name in entry.input}
    _file(f"{_name}.onnx", network(_nodes, [t for t in _known if t.name in _used]))


def _normalised() -> bytes:
    """Pictures brought into range by the graph itself."""
    model = network([node("Identity", "z", "y")], [constant("mean", 0.5), constant("std", 0.25)])
    import onnx

    found = onnx.load_from_string(model)
    first = [node("Sub", "x mean", "x1"), node("Div", "x1 std", "x2")]
    rest = list(found.graph.node)
    rest[0].input[0] = "x2"
    del found.graph.node[:]
    found.graph.node.extend([*first, *rest])
    found.metadata_props.add(key="author", value="somebody")
    return found.SerializeToString()


_file("normalised.onnx", _normalised())
_folder("external.onnx", {"m.onnx": _outside("./weights.bin", offset="0", length="640"),
                          "weights.bin": np.random.default_rng(0).normal(size=160).astype("<f4").tobytes()})  # fmt: skip

TEMPLATES = {
    "simple": CHAT,
    "chatml": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "llama": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
    "tools": "{%- if tools %}\n{{- '<tools>' }}\n{%- for tool in tools %}{{- tool | tojson }}{%- endfor %}{%- endif %}\n{%- set ns = namespace(last=messages|length - 1) %}{%- for message in messages[::-1] %}{%- if message.role == 'user' and message.content is string %}{%- set ns.last = loop.index0 %}{%- endif %}{%- endfor %}{% for m in messages %}{{ m.content | trim }}{% if not loop.last %}{{ '\\n' }}{% endif %}{% endfor %}",
}  # fmt: skip
for _name, _template in TEMPLATES.items():
    _folder(f"template_{_name}", {"model.safetensors": good(), "tokenizer_config.json": json.dumps(
        {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": _template, "model_max_length": 1000000000000000019884624838656}
    ).encode()})  # fmt: skip
_folder("transformers", {
    "model.safetensors": good(),
    "config.json": json.dumps({"architectures": ["ViTForImageClassification"], "model_type": "vit", "hidden_size": 768,
                               "id2label": {"0": "cat", "1": "dog"}, "_name_or_path": "google/vit-base-patch16-224",
                               "torch_dtype": "float32", "transformers_version": "4.40.0", "_attn_implementation": "sdpa"}).encode(),
    "preprocessor_config.json": json.dumps({"image_processor_type": "ViTImageProcessor", "do_resize": True, "image_mean": [0.5, 0.5, 0.5]}).encode(),
    "generation_config.json": b'{"eos_token_id": 2, "transformers_version": "4.40.0"}',
    "special_tokens_map.json": b'{"unk_token": "[UNK]"}',
    "tokenizer.json": json.dumps({"version": "1.0", "added_tokens": [{"id": 0, "content": "[UNK]", "special": True}],
        "normalizer": {"type": "BertNormalizer", "lowercase": True},
        "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated"},
        "model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "cat": 1}}}).encode(),
    "vocab.txt": "[UNK]\ncat\nhund\nкот\n".encode(), "merges.txt": b"#version: 0.2\nc a\nca t\n",
    "README.md": "---\nlicense: mit\n---\n# Modell für Bilder\n\n```python\nimport torch\nmodel = load()\n```\n".encode(),
    ".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n", "LICENSE": b"MIT License\n",
})  # fmt: skip
_folder("shards", {
    "model-00001-of-00002.safetensors": save({"a": STATE["0.weight"]}), "model-00002-of-00002.safetensors": save({"b": STATE["0.bias"]}),
    "model.safetensors.index.json": json.dumps({"metadata": {"total_size": 4160}, "weight_map": {
        "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}).encode()})  # fmt: skip
_folder(
    "tables",
    {
        "m.safetensors": good(),
        "labels.csv": b"id,name\n0,cat\n1,dog\n-1,none\n",
        "metrics.csv": b"a,b\n-0.5,+0.25\n1e-3,2\n",
    },
)
_folder(
    "card",
    {
        "m.safetensors": good(),
        "card.toml": '[model]\narch = "mlp"\nshape = [64]\nclasses = 10\nclass_names = ["Käse", "数"]\n'.encode(),
    },
)
_folder("notes", {"m.safetensors": good(), "README.md": "שלום עולם, מודל \u200fטוב\n# 한국어 हिन्दी emoji 👩‍💻\n".encode(), "CHANGELOG.txt": b"1.0\tfirst\r\n", "hparams.yaml": b"lr: 0.1\nlayers: [1, 2]\n"})  # fmt: skip
_folder(
    "names", {"Größe 1 (final).safetensors": good(), "模型.txt": b"ok", ".gitignore": b"*.tmp\n"}
)
_clean = io.BytesIO()
np.savez(_clean, x=np.zeros((4, 8), "f4"), y=np.arange(4))
_folder("clean_set", {"m.safetensors": good(), "clean.npz": _clean.getvalue()})


def _cache(root: Path) -> None:
    blobs = root / "models--a--b/blobs"
    inside = root / "models--a--b/snapshots/1"
    blobs.mkdir(parents=True)
    inside.mkdir(parents=True)
    (blobs / "aa").write_bytes(good())
    (inside / "model.safetensors").symlink_to("../../blobs/aa")


HONEST["cache_layout"] = Delivery(_cache, (4,), "models--a--b")


class _Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(64, 16), nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.two(torch.relu(self.one(x)))


def _script(kind: str) -> bytes:
    body = io.BytesIO()
    model = _Tiny().eval()
    made = (
        torch.jit.script(model) if kind == "script" else torch.jit.trace(model, torch.rand(2, 64))
    )
    torch.jit.save(made, body)
    return body.getvalue()


for _kind in ("script", "trace"):
    _file(f"{_kind}.ts", _script(_kind))
_body = io.BytesIO()
torch.export.save(torch.export.export(_Tiny().eval(), (torch.rand(2, 64),)), _body)
_file("exported.pt2", _body.getvalue())
