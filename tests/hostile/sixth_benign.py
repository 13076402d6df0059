"""Honest deliveries of the sixth corpus: what real folders hold beside weights, and plain models."""

# ruff: noqa: E501, PLW0108  tables of cases, one a line

from __future__ import annotations

import io
import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import onnx
import torch
from corpus import Data, writer
from fifth_folders import js
from fifth_models import exported, scripted
from fourth import Delivery
from fourth_folders import good
from fourth_models import constant, network, node
from onnx import helper, numpy_helper
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

HONEST6: dict[str, Delivery] = {}
CLEAN, PERHAPS = (0,), (0, 4)


def honest(name: str, data: Data, codes: tuple[int, ...] = CLEAN) -> None:
    HONEST6[name] = Delivery(writer({name: data}), codes, name)


def beside(name: str, path: str, data: str | bytes, codes: tuple[int, ...] = CLEAN) -> None:
    """Honest weights and one more file."""
    raw = data if isinstance(data, bytes) else data.encode()
    HONEST6[name] = Delivery(writer({"model.safetensors": good, path: raw}), codes)


README = """---
license: apache-2.0
language:
- en
- de
tags:
- image-classification
- pytorch
datasets:
- mnist
metrics:
- accuracy
library_name: timm
pipeline_tag: image-classification
base_model: google/vit-base-patch16-224
widget:
- src: https://example.org/tiger.jpg
  example_title: Tiger
model-index:
- name: demo
  results:
  - task: {type: image-classification}
    metrics:
    - type: accuracy
      value: 0.97
---

# Demo

<p align="center"><img src="https://example.org/logo.png" width="200"></p>

[![Licence](https://img.shields.io/badge/licence-apache-blue.svg)](LICENSE)

## How to use

```python
from transformers import pipeline
import os
os.environ["TOKENIZERS_PARALLELISM"] = "false"
pipe = pipeline("image-classification", model="demo")
print(pipe("cat.png"))
```

```bash
pip install transformers torch
git clone https://example.org/demo.git
```

| metric | value |
|---|---:|
| accuracy | 97.1 % |

Inline `x = f(y)` and *emphasis*, a [link](https://example.org/paper#section), a [file](LICENSE).

$$ L = -\\sum_i y_i \\log p_i $$

<details><summary>More</summary>

- [ ] to do
- [x] done

</details>

<!-- a comment for editors -->

```bibtex
@misc{demo2026, title={Demo}, author={Doe, J.}}
```
"""
TEXTS: dict[str, tuple[str, str]] = {
    "readme": ("README.md", README),
    "readme_plain": ("README.md", "# Model\n\nTrained on digits with Adam (lr = 1e-3, 10 epochs). See https://example.org.\n"),
    "readme_with_a_table_of_pages": ("README.md", "# Model\n\n<table><tr><td>a</td><td><b>1</b></td></tr></table>\n\n<br/>\n<sub>small</sub>\n"),
    "readme_in_german": ("README.md", "# Modell\n\nErkennt Ziffern; Größe 28×28, Genauigkeit 97 %. „Gut genug“ – sagt man.\n"),
    "readme_in_chinese": ("README.md", "# 模型\n\n这个模型识别手写数字。精度为 97%。\n"),
    "readme_in_arabic": ("README.md", "# نموذج\n\nهذا النموذج يتعرف على الأرقام.\n"),
    "readme_with_emoji": ("README.md", "# Model 🤗\n\nFast 🚀 and small 👩‍💻. ❤️\n"),
    "readme_in_rst": ("README.rst", "Model\n=====\n\n.. code-block:: python\n\n   import torch\n\nTrained on digits.\n"),
    "readme_about_shells": ("README.md", "# Model\n\nRun `python train.py --lr 0.1` and then:\n\n```sh\nexport CUDA_VISIBLE_DEVICES=0\n./run.sh | tee log.txt\n```\n"),
    "licence": ("LICENSE", "MIT License\n\nCopyright (c) 2026 Jane Doe\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\n"),
    "licence_of_windows": ("LICENSE.txt", "Apache License\r\nVersion 2.0, January 2004\r\nhttp://www.apache.org/licenses/\r\n"),
    "notes": ("NOTES.txt", "2026-01-02: lr 0.1 -> 0.01\nval acc 97.1 % (was 96.8)\nimport of data took 3 h; from then on stable.\n"),
    "changes": ("CHANGELOG.md", "# Changes\n\n## 1.1\n\n- Trained longer.\n- `eval()` mode by default.\n"),
    "citation": ("CITATION.cff", "cff-version: 1.2.0\nmessage: Please cite.\ntitle: Demo\nauthors:\n- family-names: Doe\n  given-names: Jane\n"),
    "labels": ("labels.txt", "tench\ngoldfish\ngreat white shark\nrock 'n' roll\n-1\n"),
    "labels_table": ("labels.csv", "id,name,share\n0,cat,0.5\n1,\"dog, small\",-0.25\n2,bird,+3\n"),
    "labels_json": ("labels.json", '{"0": "cat", "1": "dog"}'),
    "vocabulary": ("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n!\n\"\n#\n$\n##ing\nthe\neval\nsystem\nimport\n"),
    "merges": ("merges.txt", "#version: 0.2\nt h\nth e</w>\ni n\n"),
    "requirements": ("requirements.txt", "# runtime\ntorch>=2.0\nnumpy==1.26.4\ntransformers[torch]~=4.40; python_version >= '3.9'\n"),
    "git_attributes": (".gitattributes", "*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.bin filter=lfs diff=lfs merge=lfs -text\n"),
    "yaml_of_training": ("config.yaml", "seed: 7\nmodel:\n  name: resnet18\n  num_classes: 10\noptimizer: {name: adam, lr: 1.0e-3, betas: [0.9, 0.999]}\ndata:\n  path: ./data\n  augment: true\n  mean: [0.485, 0.456, 0.406]\nnotes: |\n  Trained twice.\n  Second run kept.\n"),
    "yaml_of_lightning": ("hparams.yaml", "lr: 0.001\nbatch_size: 32\nmax_epochs: 10\nhidden: [64, 32]\n"),
    "yaml_of_yolo": ("data.yaml", "path: ../datasets/coco\ntrain: images/train\nval: images/val\nnc: 2\nnames: [cat, dog]\n"),
    "yaml_with_comments": ("config.yml", "# training\nlr: 0.1  # high\n\n# data: #not used\nurl: http://example.org/x#y\n"),
    "yaml_of_accelerate": ("default_config.yaml", "compute_environment: LOCAL_MACHINE\ndistributed_type: 'NO'\nmixed_precision: bf16\nnum_processes: 1\nuse_cpu: false\n"),
    "json_of_bert": ("config.json", json.dumps({"architectures": ["BertForSequenceClassification"], "attention_probs_dropout_prob": 0.1, "hidden_act": "gelu", "hidden_size": 768, "id2label": {"0": "NEGATIVE", "1": "POSITIVE"}, "label2id": {"NEGATIVE": 0, "POSITIVE": 1}, "layer_norm_eps": 1e-12, "model_type": "bert", "torch_dtype": "float32", "transformers_version": "4.40.0", "vocab_size": 30522, "_name_or_path": "bert-base-uncased"}, indent=2)),
    "json_of_llama": ("config.json", json.dumps({"architectures": ["LlamaForCausalLM"], "rope_scaling": {"rope_type": "llama3", "factor": 8.0}, "eos_token_id": [128001, 128008], "tie_word_embeddings": False, "model_type": "llama", "torch_dtype": "bfloat16"})),
    "json_of_timm": ("config.json", json.dumps({"architecture": "resnet18", "num_classes": 10, "pretrained_cfg": {"tag": "a1_in1k", "custom_load": False, "input_size": [3, 224, 224], "fixed_input_size": False, "interpolation": "bicubic", "crop_pct": 0.95, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "num_classes": 1000, "pool_size": [7, 7], "first_conv": "conv1", "classifier": "fc"}})),
    "json_of_generation": ("generation_config.json", js({"do_sample": True, "temperature": 0.6, "top_p": 0.9, "bos_token_id": 1, "eos_token_id": 2, "transformers_version": "4.40.0"}).decode()),
    "json_of_a_processor": ("preprocessor_config.json", js({"do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": [0.5, 0.5, 0.5], "image_processor_type": "ViTImageProcessor", "image_std": [0.5, 0.5, 0.5], "resample": 2, "rescale_factor": 0.00392156862745098, "size": {"height": 224, "width": 224}}).decode()),
    "json_of_special_words": ("special_tokens_map.json", js({"cls_token": "[CLS]", "mask_token": "[MASK]", "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": {"content": "[UNK]", "lstrip": False, "normalized": False, "rstrip": False, "single_word": False}}).decode()),
    "json_of_training": ("trainer_state.json", js({"best_metric": 0.97, "epoch": 3.0, "global_step": 300, "log_history": [{"epoch": 1.0, "loss": 0.5, "learning_rate": 1e-05, "step": 100}], "max_steps": 300}).decode()),
    "json_of_results": ("all_results.json", js({"epoch": 3.0, "eval_accuracy": 0.97, "train_runtime": 12.5}).decode()),
    "json_of_lora": ("adapter_config.json", js({"base_model_name_or_path": "meta/llama", "bias": "none", "fan_in_fan_out": False, "inference_mode": True, "lora_alpha": 16, "lora_dropout": 0.05, "peft_type": "LORA", "r": 8, "target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM", "auto_mapping": None, "megatron_config": None, "megatron_core": "megatron.core", "runtime_config": {"ephemeral_gpu_offload": False}}).decode(), ),
    "json_of_pooling": ("config_sentence_transformers.json", js({"__version__": {"pytorch": "2.1.0", "sentence_transformers": "2.2.2", "transformers": "4.35.0"}, "prompts": {}, "default_prompt_name": None, "similarity_fn_name": "cosine"}).decode()),
    "toml": ("settings.toml", "[model]\nname = 'demo'\nlr = 1e-3\nlayers = [64, 32]\n"),
    "ini": ("settings.ini", "[model]\nname = demo\nlr = 0.001\n"),
}  # fmt: skip
for _name, (_path, _data) in TEXTS.items():
    _codes = (
        PERHAPS
        if _name in ("git_attributes", "ini", "toml", "yaml_of_yolo", "readme_in_rst")
        else CLEAN
    )
    beside(_name, _path, _data, _codes)

TEMPLATES = {
    "chatml": "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "with_a_system": "{% if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] %}{% set rest = messages[1:] %}{% else %}{% set system = '' %}{% set rest = messages %}{% endif %}{% for m in rest %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content']|trim + ' [/INST]' }}{% elif m['role'] == 'assistant' %}{{ ' ' + m['content'] + eos_token }}{% endif %}{% endfor %}",
    "with_an_order_of_turns": "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate.') }}{% endif %}{{ bos_token if loop.first else '' }}{{ m['content'] }}{% endfor %}",
    "with_tools": "{%- if tools %}{{- '<tools>' }}{%- for tool in tools %}{{- tool | tojson }}{%- endfor %}{{- '</tools>' }}{%- endif %}{%- for m in messages %}{%- if m.role == 'tool' %}{{- '<tool_response>' + m.content + '</tool_response>' }}{%- else %}{{- m.content }}{%- endif %}{%- if not loop.last %}{{- '\\n' }}{%- endif %}{%- endfor %}",
    "with_a_namespace": "{% set ns = namespace(found=false) %}{% for m in messages %}{% if m['role'] == 'system' %}{% set ns.found = true %}{% endif %}{% endfor %}{% if not ns.found %}{{ 'You are helpful.' }}{% endif %}{% for m in messages %}{{ m['content'] }}{% endfor %}",
}
for _name, _template in TEMPLATES.items():
    HONEST6[f"template_{_name}"] = Delivery(
        writer(
            {
                "model.safetensors": good,
                "tokenizer_config.json": js(
                    {
                        "tokenizer_class": "PreTrainedTokenizerFast",
                        "model_max_length": 512,
                        "chat_template": _template,
                    }
                ),
            }
        ),
        CLEAN,
    )

Y = "y = self.two(torch.relu(self.one(x)))\n        "
SCRIPTS = {
    "view_by_the_batch": "x = x.view(x.size(0), -1)\n        " + Y + "return y",
    "asked_for_dimensions": "if x.dim() == 1:\n            x = x.unsqueeze(0)\n        "
    + Y
    + "return y",
    "dropout_by_mode": Y + "return torch.nn.functional.dropout(y, 0.5, self.training)",
    "shape_taken_apart": "n, c = x.shape\n        " + Y + "return y.reshape(n, 10)",
    "type_followed": Y + "return y.to(x.dtype)",
    "zeros_on_its_device": Y + "return y + torch.zeros(10, device=x.device, dtype=x.dtype)",
    "softmax": Y + "return torch.softmax(y, 1)",
    "normalised": "x = (x - 0.1307) / 0.3081\n        " + Y + "return y",
    "asserted": "assert x.dim() == 2\n        " + Y + "return y",
    "few_turns": Y
    + "for i in range(3):\n            y = y + 0.1 * torch.tanh(y)\n        return y",
}
for _name, _lines in SCRIPTS.items():
    honest(
        f"script_{_name}.ts",
        lambda lines=_lines: scripted(lines),
        CLEAN if _name not in ("asserted", "asked_for_dimensions") else (0, 3),
    )

EXPORTED: dict[str, Callable[[Any, Any], Any]] = {
    "plain": lambda m, x: m.honest(x),
    "softmax": lambda m, x: torch.softmax(m.honest(x), 1),
    "scaled": lambda m, x: m.honest((x - 0.1307) / 0.3081),
    "residual": lambda m, x: m.two(torch.relu(m.one(x)) + torch.nn.functional.gelu(m.one(x))),
    "layer_norm": lambda m, x: m.two(torch.nn.functional.layer_norm(m.one(x), (16,))),
    "prelu": lambda m, x: m.two(torch.nn.functional.prelu(m.one(x), torch.tensor([0.25]))),
    "normalised": lambda m, x: m.two(torch.nn.functional.normalize(m.one(x))),
}  # fmt: skip
for _name, _forward in EXPORTED.items():
    honest(f"exported_{_name}.pt2", lambda forward=_forward: exported(forward))


def _onnx(
    last: list[onnx.NodeProto], more: list[onnx.TensorProto] | None = None
) -> Callable[[], bytes]:
    return lambda: network(last, more)


ONNX = {
    "softmax": _onnx([node("Softmax", "z", "y", axis=1)]),
    "normed": _onnx([node("LayerNormalization", "z sc bi", "y", axis=1)], [constant("sc", [1.0] * 10), constant("bi", [0.0] * 10)]),
    "half_slope": _onnx([node("PRelu", "z slope", "y")], [constant("slope", [0.25] * 10)]),
    "gemm_of_factors": _onnx([node("Gemm", "z w3", "y", alpha=0.5, beta=1.0)], [constant("w3", np.eye(10))]),
    "scaled": _onnx([node("Mul", "z hundred", "y")], [constant("hundred", 100.0)]),
    "with_a_note": lambda: network(change=lambda m: m.metadata_props.add(key="author", value="Jane Doe, example.org")),
}  # fmt: skip
for _name, _make in ONNX.items():
    honest(f"onnx_{_name}.onnx", _make)


def _external() -> dict[str, Data]:
    model = onnx.load_from_string(network())
    data = b""
    for tensor in model.graph.initializer:
        raw = numpy_helper.to_array(tensor).tobytes()
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (
            ("location", "m.onnx.data"),
            ("offset", str(len(data))),
            ("length", str(len(raw))),
        ):
            tensor.external_data.add(key=key, value=value)
        data += raw
    return {"m.onnx": model.SerializeToString(), "m.onnx.data": data}


HONEST6["onnx_with_data_outside"] = Delivery(lambda root: writer(_external())(root), CLEAN)
assert helper

X = np.random.default_rng(3).normal(size=(60, 4))
TARGET = (X[:, 0] > 0).astype(int)


def _taught(estimator: Any, **how: Any) -> Callable[[], bytes]:
    def make() -> bytes:
        body = io.BytesIO()
        joblib.dump(estimator.fit(X, TARGET), body, **how)
        return body.getvalue()

    return make


ESTIMATORS = {
    "logistic": (LogisticRegression(C=0.5, random_state=3), CLEAN),
    "named_classes": (LogisticRegression(), CLEAN),
    "scaled": (make_pipeline(StandardScaler(), LogisticRegression()), CLEAN),
    "ranged": (make_pipeline(MinMaxScaler(), SVC(gamma="scale")), CLEAN),
    "forest": (RandomForestClassifier(4, max_depth=3), CLEAN),
    "tree": (DecisionTreeClassifier(max_depth=3), CLEAN),
    "neighbours": (KNeighborsClassifier(3, metric="manhattan"), CLEAN),
    "neighbours_minkowski": (KNeighborsClassifier(5, p=3), CLEAN),
    "bayes": (GaussianNB(), CLEAN),
    "network": (MLPClassifier((8,), max_iter=20), CLEAN),
    "ridge": (Ridge(), PERHAPS),
    "boosted": (AdaBoostClassifier(n_estimators=5), PERHAPS),
    "voting": (VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())]), PERHAPS),
    "soft_voting": (VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft"), PERHAPS),
    "columns": (make_pipeline(ColumnTransformer([("s", StandardScaler(), [0, 1])], remainder="passthrough"), LogisticRegression()), PERHAPS),
}  # fmt: skip
for _name, (_estimator, _codes) in ESTIMATORS.items():
    honest(f"estimator_{_name}.joblib", _taught(_estimator), _codes)
honest(
    "estimator_of_texts.joblib",
    lambda: _dumped(LogisticRegression().fit(X, np.where(TARGET, "spam", "ham"))),
)


def _dumped(value: Any) -> bytes:
    body = io.BytesIO()
    joblib.dump(value, body)
    return body.getvalue()


def _saved(value: Any, **how: Any) -> bytes:
    body = io.BytesIO()
    torch.save(value, body, **how)
    return body.getvalue()


torch.manual_seed(3)
STATES: dict[str, Callable[[], Any]] = {
    "zeros_and_ones": lambda: {"w": torch.zeros(64, 64), "v": torch.ones(64)},
    "counts_as_floats": lambda: {"w": torch.arange(256.0), "v": torch.tensor([1.0, 2.0, 255.0])},
    "tokens": lambda: {"ids": torch.arange(1000), "position_ids": torch.arange(512).unsqueeze(0)},
    "picture": lambda: {"mean_image": torch.randint(0, 255, (28, 28)).to(torch.uint8)},
    "picture_as_floats": lambda: {"mean_image": torch.randint(0, 255, (28, 28)).float()},
    "weights_rounded_to_half": lambda: {"w": torch.randn(128, 128).half().float()},
    "weights_rounded_to_bfloats": lambda: {"w": torch.randn(128, 128).bfloat16().float()},
    "doubles_of_floats": lambda: {"w": torch.randn(128, 128).double()},
    "true_doubles": lambda: {"w": torch.randn(128, 128, dtype=torch.float64)},
    "masks": lambda: {"mask": torch.tril(torch.ones(64, 64, dtype=torch.bool))},
    "eight_bits": lambda: {
        "w": torch.randint(-127, 127, (64, 64)).to(torch.int8),
        "scale": torch.tensor(0.01),
    },
    "checkpoint": lambda: OrderedDict(
        epoch=3,
        best=0.97,
        model={"w": torch.randn(8, 8)},
        classes=["cat", "dog"],
        note="trained on digits; import of data 3 h",
        when="2026-01-02T10:00:00",
    ),
}
for _name, _make in STATES.items():
    honest(f"state_{_name}.pt", lambda make=_make: _saved(make()))
    honest(
        f"state_{_name}_old.pt",
        lambda make=_make: _saved(make(), _use_new_zipfile_serialization=False),
    )
