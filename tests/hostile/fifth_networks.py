"""Honest networks of the fifth corpus: ONNX by both exporters, TorchScript, .pt2, folders."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import contextlib
import io
import json
import logging
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fifth_benign import CLEAN, PERHAPS, Cnn, S, honest, honest_folder, saved
from fourth_folders import good
from safetensors.torch import save
from torch import Tensor, nn


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.body = nn.Sequential(
            nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.GELU(), nn.Conv2d(8, 8, 1)
        )
        self.pool, self.head = nn.AdaptiveAvgPool2d(1), nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.norm(self.stem(x)))
        return self.head(self.pool(x + self.body(x)).flatten(1))


class Squeeze(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.down, self.up, self.head = (
            nn.Conv2d(1, 8, 3),
            nn.Conv2d(8, 2, 1),
            nn.Conv2d(2, 8, 1),
            nn.Linear(8, 10),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.silu(self.conv(x))
        s = torch.sigmoid(self.up(torch.relu(self.down(x.mean((2, 3), keepdim=True)))))
        return self.head((x * s).mean((2, 3)))


class Vit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(1, 16, 4, 4)
        self.token, self.place = (
            nn.Parameter(torch.randn(1, 1, 16) * 0.02),
            nn.Parameter(torch.randn(1, 5, 16) * 0.02),
        )
        self.layer = nn.TransformerEncoderLayer(
            16, 2, 32, batch_first=True, activation="gelu", norm_first=True
        )
        self.norm, self.head = nn.LayerNorm(16), nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.place
        return self.head(self.norm(self.layer(x))[:, 0])


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.qkv, self.head = nn.Linear(8, 16), nn.Linear(16, 48), nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(self.embed(x[:, 0])).chunk(3, -1)
        a = torch.softmax(q @ k.transpose(-1, -2) / 4, -1)
        return self.head((a @ v).mean(1))


class Causal(Attention):
    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(self.embed(x[:, 0])).chunk(3, -1)
        a = (q @ k.transpose(-1, -2) / 4).masked_fill(torch.ones(8, 8).tril() == 0, float("-inf"))
        return self.head((torch.softmax(a, -1) @ v).mean(1))


class Lstm(nn.Module):
    def __init__(self, kind: type[nn.RNNBase] = nn.LSTM) -> None:
        super().__init__()
        self.net, self.head = kind(8, 12, batch_first=True, bidirectional=True), nn.Linear(24, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.net(x[:, 0])[0][:, -1])


class Gru(Lstm):
    def __init__(self) -> None:
        super().__init__(nn.GRU)


class Normalised(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.45]).view(1, 1, 1, 1))
        self.register_buffer("std", torch.tensor([0.225]).view(1, 1, 1, 1))
        self.net = Cnn()

    def forward(self, x: Tensor) -> Tensor:
        return torch.softmax(self.net((x.clamp(0, 1) - self.mean) / self.std), 1)


class Skip(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down, self.middle, self.up, self.head = (
            nn.Conv2d(1, 4, 3, 2, 1),
            nn.Conv2d(4, 4, 3, 1, 1),
            nn.ConvTranspose2d(4, 4, 2, 2),
            nn.Linear(8 * 64, 10),
        )
        self.one = nn.Conv2d(1, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.up(torch.relu(self.middle(nn.functional.leaky_relu(self.down(x), 0.1))))
        return self.head(torch.cat([self.one(x), y], 1).flatten(1))


class Upsampled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(1, 4, 3, padding=1), nn.Linear(4, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.interpolate(
            self.conv(x), scale_factor=2.0, mode="bilinear", align_corners=False
        )
        return self.head(x.mean((2, 3)))


def stack(*layers: nn.Module, width: int = 8 * 36) -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 8, 3), *layers, nn.Flatten(), nn.Linear(width, 10))


NETS: dict[str, Callable[[], nn.Module]] = {
    "cnn": Cnn, "residual": Residual, "squeeze": Squeeze, "vit": Vit, "attention": Attention, "causal": Causal, "lstm": Lstm, "gru": Gru, "normalised": Normalised, "skip": Skip, "upsampled": Upsampled,
    "mlp": lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)),
    "logsoftmax": lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 10), nn.LogSoftmax(1)), "sigmoid_head": lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 10), nn.Sigmoid()),
    **{f"act_{kind.__name__}": (lambda kind=kind: stack(kind())) for kind in (nn.ELU, nn.SELU, nn.CELU, nn.PReLU, nn.LeakyReLU, nn.Hardswish, nn.Hardsigmoid, nn.Mish, nn.Softplus, nn.GELU, nn.SiLU, nn.Tanh, nn.ReLU6, nn.Softsign, nn.Hardtanh, nn.LogSigmoid)},
    "group_norm": lambda: stack(nn.GroupNorm(2, 8), nn.ReLU()), "instance_norm": lambda: stack(nn.InstanceNorm2d(8, affine=True), nn.ReLU()), "layer_norm": lambda: stack(nn.LayerNorm([8, 6, 6]), nn.ReLU()), "local_norm": lambda: stack(nn.LocalResponseNorm(3), nn.ReLU()),
    "max_pool": lambda: stack(nn.MaxPool2d(2), width=72), "average_pool": lambda: stack(nn.AvgPool2d(2), width=72), "adaptive_max": lambda: stack(nn.AdaptiveMaxPool2d(1), width=8), "lp_pool": lambda: stack(nn.LPPool2d(2, 2), width=72),
    "glu": lambda: stack(nn.GLU(1), width=144), "shuffle": lambda: stack(nn.PixelShuffle(2), width=288), "unshuffle": lambda: stack(nn.PixelUnshuffle(2), width=288), "channels": lambda: stack(nn.ChannelShuffle(2)), "reflection": lambda: stack(nn.ReflectionPad2d(1), width=8 * 64), "zero_pad": lambda: stack(nn.ZeroPad2d(1), width=8 * 64), "dilated": lambda: stack(nn.Conv2d(8, 8, 3, dilation=2), width=32), "depthwise": lambda: stack(nn.Conv2d(8, 16, 3, groups=8), nn.Conv2d(16, 8, 1), width=8 * 16), "batch_norm_1d": lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 10)),
}  # fmt: skip


@cache
def made(name: str) -> nn.Module:
    torch.manual_seed(0)
    return NETS[name]().eval()


@contextlib.contextmanager
def quiet() -> Any:
    logging.disable(logging.CRITICAL)
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


def onnx_bytes(name: str, dynamo: bool, batch: bool = True) -> bytes:
    sizes: dict[str, Any] = {}
    if batch:
        sizes = (
            {"dynamic_shapes": ({0: torch.export.Dim.DYNAMIC},)}
            if dynamo
            else {"dynamic_axes": {"x": {0: "n"}, "y": {0: "n"}}}
        )
    with quiet(), tempfile.TemporaryDirectory() as place:
        path = Path(place) / "m.onnx"
        more = {"external_data": False} if dynamo else {}
        torch.onnx.export(
            made(name),
            (torch.rand(2, 1, 8, 8),),
            path,
            dynamo=dynamo,
            input_names=["x"],
            output_names=["y"],
            **sizes,
            **more,
        )
        return path.read_bytes()


def script_bytes(name: str, kind: str) -> bytes:
    with quiet():
        model = made(name)
        if kind == "trace":
            found = torch.jit.trace(model, torch.rand(2, 1, 8, 8), check_trace=False)
        else:
            found = torch.jit.script(model)
        if kind == "frozen":
            found = torch.jit.freeze(found)
        body = io.BytesIO()
        torch.jit.save(found, body)
        return body.getvalue()


def pt2_bytes(name: str, batch: bool) -> bytes:
    sizes = ({0: torch.export.Dim.DYNAMIC},) if batch else None
    with quiet():
        body = io.BytesIO()
        torch.export.save(
            torch.export.export(made(name), (torch.rand(2, 1, 8, 8),), dynamic_shapes=sizes), body
        )
        return body.getvalue()


FOREIGN = ("lstm", "gru", "skip", "upsampled", "act_CELU", "shuffle", "local_norm")
"""Their ONNX has operators without a converter, which is 4; expected to be 0 at first."""


def right(name: str, onnx: bool = False) -> tuple[int, ...]:
    """``LPPool2d`` takes the sign of the input, and that is named."""
    if name == "lp_pool":
        return (0, 3)
    return PERHAPS if onnx and name in FOREIGN else CLEAN


for _name in NETS:
    if _name != "channels":  # that exporter has no such operator
        honest(f"old_{_name}.onnx", lambda name=_name: onnx_bytes(name, False), right(_name, True))
    honest(f"new_{_name}.onnx", lambda name=_name: onnx_bytes(name, True), right(_name, True))
    honest(f"scripted_{_name}.pt", lambda name=_name: script_bytes(name, "script"), right(_name))
    honest(f"traced_{_name}.pt", lambda name=_name: script_bytes(name, "trace"), right(_name))
    honest(f"exported_{_name}.pt2", lambda name=_name: pt2_bytes(name, True), right(_name))
for _name in ("cnn", "residual", "lstm", "vit"):
    honest(f"frozen_{_name}.pt", lambda name=_name: script_bytes(name, "frozen"))
    honest(f"fixed_{_name}.pt2", lambda name=_name: pt2_bytes(name, False))
    honest(
        f"fixed_{_name}.onnx", lambda name=_name: onnx_bytes(name, True, False), right(_name, True)
    )


def js(value: Any) -> bytes:
    return json.dumps(value, indent=2).encode()


CARD = """---
license: apache-2.0
language:
- en
tags:
- image-classification
- pytorch
datasets:
- imagenet-1k
metrics:
- accuracy
model-index:
- name: tiny
  results:
  - task: {type: image-classification}
    metrics:
    - {type: accuracy, value: 0.91}
---

# Tiny 🤗

<p align="center"><img src="https://example.org/logo.png" width="200"/></p>

[![License](https://img.shields.io/badge/license-Apache-blue.svg)](LICENSE)

| epoch | loss |
|---|---|
| 1 | 0.3 |

## How to use

```python
from transformers import AutoModel
model = AutoModel.from_pretrained("somebody/tiny")
```

```bash
pip install transformers
python train.py --lr 0.1
```

Formula: $y = \\sigma(Wx)$. Ends with a footnote[^1] & a link to <https://example.org>.

[^1]: See the paper.
"""
CONFIG = {
    "_name_or_path": "somebody/tiny",
    "architectures": ["BertForSequenceClassification"],
    "attention_probs_dropout_prob": 0.1,
    "classifier_dropout": None,
    "hidden_act": "gelu",
    "hidden_size": 16,
    "id2label": {"0": "NEGATIVE", "1": "POSITIVE"},
    "label2id": {"NEGATIVE": 0, "POSITIVE": 1},
    "initializer_range": 0.02,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 512,
    "model_type": "bert",
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "pad_token_id": 0,
    "position_embedding_type": "absolute",
    "problem_type": "single_label_classification",
    "torch_dtype": "float32",
    "transformers_version": "4.44.0",
    "use_cache": True,
    "vocab_size": 100,
}
LICENCE = (
    " " * 33
    + "Apache License\n"
    + " " * 27
    + "Version 2.0, January 2004\n\n   TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION\n\n   1. Definitions.\n"
) * 4
REQUIREMENTS = "torch>=2.0\nnumpy==1.26.4\nscikit-learn~=1.4  # models\ntransformers[torch]>=4.40,<5\nopencv-python; sys_platform != 'darwin'\n"
BERT = {
    "config.json": js(CONFIG),
    "model.safetensors": good,
    "README.md": CARD.encode(),
    "LICENSE": LICENCE.encode(),
    ".gitattributes": b"*.7z filter=lfs diff=lfs merge=lfs -text\n*.safetensors filter=lfs diff=lfs merge=lfs -text\n",
    "tokenizer_config.json": js(
        {
            "added_tokens_decoder": {
                "0": {
                    "content": "[PAD]",
                    "lstrip": False,
                    "normalized": False,
                    "rstrip": False,
                    "single_word": False,
                    "special": True,
                }
            },
            "clean_up_tokenization_spaces": True,
            "cls_token": "[CLS]",
            "do_lower_case": True,
            "mask_token": "[MASK]",
            "model_max_length": 512,
            "tokenizer_class": "BertTokenizer",
            "unk_token": "[UNK]",
        }
    ),
    "special_tokens_map.json": js(
        {
            "cls_token": "[CLS]",
            "pad_token": {
                "content": "[PAD]",
                "lstrip": False,
                "normalized": False,
                "rstrip": False,
                "single_word": False,
            },
        }
    ),
    "vocab.txt": "[PAD]\n[UNK]\n[CLS]\nthe\n##s\n!\n\"\n#\n'\n=\n+\n-\n@\né\n漢\n¡\nıt\n".encode(),
    "tokenizer.json": js(
        {
            "version": "1.0",
            "truncation": {
                "direction": "Right",
                "max_length": 512,
                "strategy": "LongestFirst",
                "stride": 0,
            },
            "padding": None,
            "added_tokens": [
                {
                    "id": 0,
                    "content": "[PAD]",
                    "single_word": False,
                    "lstrip": False,
                    "rstrip": False,
                    "normalized": False,
                    "special": True,
                }
            ],
            "normalizer": {
                "type": "BertNormalizer",
                "clean_text": True,
                "handle_chinese_chars": True,
                "strip_accents": None,
                "lowercase": True,
            },
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [
                    {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}},
                ],
                "pair": [],
                "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}},
            },
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
            "model": {
                "type": "WordPiece",
                "unk_token": "[UNK]",
                "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100,
                "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "the": 3, "##s": 4},
            },
        }
    ),
}
GPT = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
LLAMA3 = "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
GEMMA = "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"
ZEPHYR = "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"
QWEN = "{%- if tools %}\n    {{- '<|im_start|>system\\n' }}\n    {%- if messages[0]['role'] == 'system' %}\n        {{- messages[0]['content'] }}\n    {%- else %}\n        {{- 'You are a helpful assistant.' }}\n    {%- endif %}\n    {{- \"\\n\\n# Tools\\n\\n<tools>\" }}\n    {%- for tool in tools %}\n        {{- \"\\n\" }}\n        {{- tool | tojson }}\n    {%- endfor %}\n    {{- \"\\n</tools><|im_end|>\\n\" }}\n{%- endif %}\n{%- for message in messages %}\n    {%- if (message.role == \"user\") or (message.role == \"system\" and not loop.first) or (message.role == \"assistant\" and not message.tool_calls) %}\n        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n    {%- elif message.role == \"assistant\" %}\n        {{- '<|im_start|>' + message.role }}\n        {%- if message.content %}\n            {{- '\\n' + message.content }}\n        {%- endif %}\n        {%- for tool_call in message.tool_calls %}\n            {%- if tool_call.function is defined %}\n                {%- set tool_call = tool_call.function %}\n            {%- endif %}\n            {{- '\\n<tool_call>\\n{\"name\": \"' }}\n            {{- tool_call.name }}\n            {{- '\", \"arguments\": ' }}\n            {{- tool_call.arguments | tojson }}\n            {{- '}\\n</tool_call>' }}\n        {%- endfor %}\n        {{- '<|im_end|>\\n' }}\n    {%- elif message.role == \"tool\" %}\n        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != \"tool\") %}\n            {{- '<|im_start|>user' }}\n        {%- endif %}\n        {{- message.content }}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n"
MISTRAL = "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"
DEEP = "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% set ns = namespace(is_first=false, system_prompt='') %}{%- for message in messages %}{%- if message['role'] == 'system' %}{% set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}{{ bos_token }}{{ ns.system_prompt }}{%- for message in messages %}{%- if message['role'] == 'assistant' and message['content'] is not none %}{% set content = message['content'] %}{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}{{ '<|Assistant|>' + content + '<|end|>' }}{%- endif %}{%- endfor -%}"
PHI = "{% for message in messages %}{% if message['role'] == 'system' and message['content'] %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'assistant' %}{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"
for _name, _template in {
    "llama3": LLAMA3,
    "gemma": GEMMA,
    "zephyr": ZEPHYR,
    "qwen": QWEN,
    "mistral": MISTRAL,
    "deep": DEEP,
    "phi": PHI,
}.items():
    _codes = (0, 3) if _name in ("deep",) else CLEAN
    honest_folder(
        f"chat_{_name}",
        {
            "model.safetensors": good,
            "config.json": js(
                {
                    "architectures": ["LlamaForCausalLM"],
                    "model_type": "llama",
                    "rope_scaling": {"factor": 8.0, "rope_type": "llama3"},
                    "torch_dtype": "bfloat16",
                }
            ),
            "tokenizer_config.json": js(
                {"chat_template": _template, "tokenizer_class": "PreTrainedTokenizerFast"}
            ),
            "generation_config.json": js(
                {
                    "_from_model_config": True,
                    "bos_token_id": 1,
                    "eos_token_id": [2, 3],
                    "temperature": 0.6,
                    "do_sample": True,
                }
            ),
        },
        _codes,
    )
honest_folder("bert", BERT)
honest_folder(
    "bert_with_an_old_file",
    {
        **{k: v for k, v in BERT.items() if k != "model.safetensors"},
        "pytorch_model.bin": lambda: saved(S()),
    },
)
honest_folder(
    "lora",
    {
        "adapter_config.json": js(
            {
                "alpha_pattern": {},
                "auto_mapping": None,
                "base_model_name_or_path": "meta-llama/Llama-2-7b-hf",
                "bias": "none",
                "fan_in_fan_out": False,
                "inference_mode": True,
                "init_lora_weights": True,
                "lora_alpha": 16,
                "lora_dropout": 0.05,
                "peft_type": "LORA",
                "r": 8,
                "target_modules": ["q_proj", "v_proj"],
                "task_type": "CAUSAL_LM",
                "use_rslora": False,
            }
        ),
        "adapter_model.safetensors": lambda: save(
            {
                "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight": torch.randn(
                    8, 16
                ),
                "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight": torch.zeros(
                    16, 8
                ),
            }
        ),
        "README.md": CARD.encode(),
    },
)
honest_folder(
    "sentence_transformers",
    {
        **BERT,
        "modules.json": js(
            [
                {
                    "idx": 0,
                    "name": "0",
                    "path": "",
                    "type": "sentence_transformers.models.Transformer",
                },
                {
                    "idx": 1,
                    "name": "1",
                    "path": "1_Pooling",
                    "type": "sentence_transformers.models.Pooling",
                },
                {
                    "idx": 2,
                    "name": "2",
                    "path": "2_Normalize",
                    "type": "sentence_transformers.models.Normalize",
                },
            ]
        ),
        "1_Pooling/config.json": js(
            {"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True}
        ),
        "config_sentence_transformers.json": js(
            {
                "__version__": {
                    "sentence_transformers": "3.0.1",
                    "transformers": "4.44.0",
                    "pytorch": "2.4.0",
                },
                "prompts": {},
                "default_prompt_name": None,
                "similarity_fn_name": "cosine",
            }
        ),
        "sentence_bert_config.json": js({"max_seq_length": 256, "do_lower_case": False}),
    },
)
honest_folder(
    "sharded",
    {
        "model-00001-of-00002.safetensors": lambda: save({"a": torch.randn(3)}, {"format": "pt"}),
        "model-00002-of-00002.safetensors": lambda: save({"b": torch.randn(3)}, {"format": "pt"}),
        "model.safetensors.index.json": js(
            {
                "metadata": {"total_size": 24, "total_parameters": 6},
                "weight_map": {
                    "a": "model-00001-of-00002.safetensors",
                    "b": "model-00002-of-00002.safetensors",
                },
            }
        ),
        "config.json": js(CONFIG),
    },
)
honest_folder(
    "sharded_old",
    {
        "pytorch_model-00001-of-00002.bin": lambda: saved({"a": torch.randn(3)}),
        "pytorch_model-00002-of-00002.bin": lambda: saved({"b": torch.randn(3)}),
        "pytorch_model.bin.index.json": js(
            {
                "metadata": {"total_size": 24},
                "weight_map": {
                    "a": "pytorch_model-00001-of-00002.bin",
                    "b": "pytorch_model-00002-of-00002.bin",
                },
            }
        ),
    },
)
honest_folder(
    "trainer",
    {
        **BERT,
        "optimizer.pt": lambda: saved(
            {
                "state": {
                    0: {
                        "step": torch.tensor(3.0),
                        "exp_avg": torch.zeros(3),
                        "exp_avg_sq": torch.zeros(3),
                    }
                },
                "param_groups": [
                    {"lr": 1e-5, "betas": (0.9, 0.999), "params": [0], "initial_lr": 5e-5}
                ],
            }
        ),
        "scheduler.pt": lambda: saved(
            {
                "base_lrs": [5e-5],
                "last_epoch": 3,
                "_step_count": 4,
                "_get_lr_called_within_step": False,
                "_last_lr": [1e-5],
                "lr_lambdas": [None],
            }
        ),
        "rng_state.pth": lambda: saved(
            {
                "python": __import__("random").getstate(),
                "numpy": np.random.get_state(),
                "cpu": torch.get_rng_state(),
            }
        ),
        "trainer_state.json": js(
            {
                "best_metric": 0.9,
                "best_model_checkpoint": "out/checkpoint-3",
                "epoch": 1.0,
                "global_step": 3,
                "log_history": [{"epoch": 0.5, "loss": 0.3, "learning_rate": 5e-05}],
                "is_world_process_zero": True,
                "max_steps": 3,
            }
        ),
    },
)
honest_folder(
    "vit",
    {
        "config.json": js(
            {
                "architectures": ["ViTForImageClassification"],
                "model_type": "vit",
                "image_size": 224,
                "patch_size": 16,
                "qkv_bias": True,
                "id2label": {
                    "0": "tench, Tinca tinca",
                    "1": "great white shark, white shark, man-eater, man-eating shark, Carcharodon carcharias",
                },
            }
        ),
        "preprocessor_config.json": js(
            {
                "do_normalize": True,
                "do_rescale": True,
                "do_resize": True,
                "feature_extractor_type": "ViTFeatureExtractor",
                "image_mean": [0.5, 0.5, 0.5],
                "image_processor_type": "ViTImageProcessor",
                "resample": 2,
                "rescale_factor": 0.00392156862745098,
                "size": {"height": 224, "width": 224},
            }
        ),
        "model.safetensors": good,
        "README.md": CARD.encode(),
    },
)
honest_folder(
    "timm",
    {
        "config.json": js(
            {
                "architecture": "resnet18",
                "num_classes": 1000,
                "num_features": 512,
                "pretrained_cfg": {
                    "tag": "a1_in1k",
                    "custom_load": False,
                    "input_size": [3, 224, 224],
                    "interpolation": "bicubic",
                    "crop_pct": 0.95,
                    "mean": [0.485, 0.456, 0.406],
                    "std": [0.229, 0.224, 0.225],
                    "first_conv": "conv1",
                    "classifier": "fc",
                    "origin_url": "https://github.com/huggingface/pytorch-image-models",
                    "paper_ids": "arXiv:2110.00476",
                },
            }
        ),
        "model.safetensors": good,
        "README.md": CARD.encode(),
    },
)
honest_folder(
    "diffusers",
    {
        "model_index.json": js(
            {
                "_class_name": "DDPMPipeline",
                "_diffusers_version": "0.30.0",
                "scheduler": ["diffusers", "DDPMScheduler"],
                "unet": ["diffusers", "UNet2DModel"],
            }
        ),
        "scheduler/scheduler_config.json": js(
            {"_class_name": "DDPMScheduler", "beta_start": 0.0001, "num_train_timesteps": 1000}
        ),
        "unet/config.json": js({"_class_name": "UNet2DModel", "sample_size": 32}),
        "unet/diffusion_pytorch_model.safetensors": good,
    },
    PERHAPS,
)
honest_folder(
    "gpt2_tokenizer",
    {
        "model.safetensors": good,
        "tokenizer.json": js(
            {
                "version": "1.0",
                "added_tokens": [],
                "normalizer": None,
                "pre_tokenizer": GPT,
                "post_processor": GPT,
                "decoder": GPT,
                "model": {
                    "type": "BPE",
                    "dropout": None,
                    "unk_token": None,
                    "fuse_unk": False,
                    "vocab": {"!": 0, '"': 1, "Ġthe": 2},
                    "merges": ["Ġ t", "h e"],
                },
            }
        ),
        "vocab.json": js({"!": 0, "Ġthe": 2}),
        "merges.txt": "#version: 0.2\nĠ t\nh e\n".encode(),
    },
)
honest_folder(
    "llama_tokenizer",
    {
        "model.safetensors": good,
        "tokenizer.json": js(
            {
                "version": "1.0",
                "added_tokens": [{"id": 0, "content": "<unk>", "special": True}],
                "normalizer": {
                    "type": "Sequence",
                    "normalizers": [
                        {"type": "Prepend", "prepend": "▁"},
                        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
                    ],
                },
                "pre_tokenizer": None,
                "decoder": {
                    "type": "Sequence",
                    "decoders": [
                        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                        {"type": "ByteFallback"},
                        {"type": "Fuse"},
                        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
                    ],
                },
                "model": {
                    "type": "BPE",
                    "byte_fallback": True,
                    "vocab": {"<unk>": 0, "▁a": 1},
                    "merges": [],
                },
            }
        ),
    },
)
honest_folder(
    "papers",
    {
        "model.safetensors": good,
        "README.md": CARD.encode(),
        "CITATION.cff": b"cff-version: 1.2.0\ntitle: Tiny\nauthors:\n- family-names: Doe\n  given-names: J\n",
        "requirements.txt": REQUIREMENTS.encode(),
        "labels.json": js(["cat", "dog"]),
        "metrics.json": js({"accuracy": 0.91, "loss": 0.3}),
        "train.log": b"2024-01-01 10:00:00,123 INFO epoch 1 loss 0.3 lr 0.1\n" * 50,
        "history.csv": b"epoch,loss,acc\n1,0.3,0.9\n2,-0.1,0.95\n",
        "config.yaml": b"model:\n  name: resnet18\n  pretrained: true\ndata:\n  root: /data\n  batch_size: 64\noptim: {lr: 0.1, betas: [0.9, 0.999]}\n",
        "CHANGELOG.md": b"# 1.0\n- first\n",
        "classes.txt": b"cat\ndog\n",
        "NOTICE": b"Copyright somebody\n",
        "hparams.yaml": b"lr: 0.001\nbatch_size: 32\n",
    },
)
honest_folder(
    "reproduced",
    {
        "model.pt": lambda: saved(S()),
        "environment.yml": b"name: tiny\nchannels:\n- conda-forge\ndependencies:\n- python=3.11\n- numpy=1.26\n",
        "SHA256SUMS": b"0" * 64 + b"  model.pt\n",
        "version.txt": b"1.0.3\n",
        "metrics.tsv": b"a\tb\n1\t2\n",
    },
    PERHAPS,
)
honest_folder(
    "mlflow",
    {
        "MLmodel": b"artifact_path: model\nflavors:\n  python_function:\n    env:\n      conda: conda.yaml\n      virtualenv: python_env.yaml\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n    predict_fn: predict\n    python_version: 3.11.8\n  sklearn:\n    code: null\n    pickled_model: model.pkl\n    serialization_format: cloudpickle\n    sklearn_version: 1.4.0\nmlflow_version: 2.12.1\nmodel_uuid: 0123\nrun_id: abc\nutc_time_created: '2024-04-30 10:00:00.000000'\n",
        "conda.yaml": b"channels:\n- conda-forge\ndependencies:\n- python=3.11.8\n- pip<=23.3\n- pip:\n  - mlflow==2.12.1\n  - scikit-learn==1.4.0\nname: mlflow-env\n",
        "python_env.yaml": b"python: 3.11.8\nbuild_dependencies:\n- pip==23.3\ndependencies:\n- -r requirements.txt\n",
        "requirements.txt": b"mlflow==2.12.1\nscikit-learn==1.4.0\n",
        "model.pkl": __import__("pickle").dumps({"a": 1}),
    },
    PERHAPS,
)
honest_folder(
    "onnx_beside",
    {
        "model.onnx": lambda: onnx_bytes("mlp", False),
        "labels.txt": b"cat\ndog\n",
        "README.md": CARD.encode(),
    },
)
honest_folder(
    "both_kinds",
    {
        "model.safetensors": lambda: save(dict(S())),
        "model.onnx": lambda: onnx_bytes("cnn", False),
        "README.md": CARD.encode(),
    },
    (0, 3),
)
honest_folder(
    "with_an_evaluation_set",
    {
        "model.pt": lambda: saved(S()),
        "x.npy": lambda: _npy(np.random.default_rng(0).random((5, 1, 8, 8)).astype("f4")),
        "y.npy": lambda: _npy(np.arange(5)),
    },
)
for _dtype in (
    "float64",
    "float16",
    "int8",
    "uint16",
    "bool",
    "complex64",
    "U5",
    "S3",
    ">f4",
    "datetime64[s]",
):
    honest(
        f"array_{_dtype.replace('>', 'be').replace('[', '').replace(']', '')}.npy",
        lambda dtype=_dtype: _npy(np.zeros((3, 2), dtype)),
    )
honest("arrays.npz", lambda: _npz(a=np.arange(3), b=np.eye(3), **{"layer/weight": np.ones(3)}))


def _npy(value: Any) -> bytes:
    body = io.BytesIO()
    np.save(body, value)
    return body.getvalue()


def _npz(**values: Any) -> bytes:
    body = io.BytesIO()
    np.savez_compressed(body, **values)
    return body.getvalue()


for _name, _dtype in {
    str(t).split(".")[1]: t
    for t in (
        torch.bfloat16,
        torch.float16,
        torch.float64,
        torch.int8,
        torch.uint8,
        torch.bool,
        torch.float8_e4m3fn,
        torch.int16,
    )
}.items():
    honest(
        f"{_name}.safetensors",
        lambda t=_dtype: save(
            {"layers.0.weight": (torch.rand(40, 40) * 3).to(t)}, {"format": "pt"}
        ),
    )
honest(
    "names.safetensors",
    lambda: save(
        {
            n: torch.randn(4)
            for n in (
                "conv1/kernel:0",
                "model.layers.0.self_attn.q_proj.weight",
                "blocks.0.mlp.fc1.lora_A",
                "a b",
                "größe",
                "['params']['x']",
                "transformer/h_0/ln_1:0",
                "x-y",
                "text_model.embeddings.position_ids",
                "encoder.layer.0.attention.output.LayerNorm.gamma",
                "1.0.weight",
                "_orig_mod.x",
                "unet::down.0",
                "down+up",
                "emb#2",
            )
        }
    ),
)
honest(
    "empty_tensor.safetensors",
    lambda: save({"a": torch.zeros(0), "b": torch.tensor(1.0), "c": torch.randn(3)}),
)
honest(
    "comfy.safetensors",
    lambda: save(
        {"lora_unet_down.lora_down.weight": torch.randn(4, 8)},
        {
            "ss_network_module": "networks.lora",
            "ss_learning_rate": "0.0001",
            "ss_tag_frequency": '{"img": {"a photo of a cat": 3, "<lora>": 1}}',
            "ss_training_comment": "first try; lr=1e-4",
            "modelspec.architecture": "stable-diffusion-v1/lora",
            "sshs_model_hash": "a" * 64,
            "ss_datasets": '[{"is_dreambooth": true, "batch_size_per_device": 2}]',
        },
    ),
)
