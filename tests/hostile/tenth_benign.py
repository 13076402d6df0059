"""Honest deliveries that libraries write, and the honest twins of the tenth corpus."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import argparse
import io
import json
import zipfile
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from eighth_benign import LLAMA, LORA
from eighth_folders import TOKENIZER
from fifth_models import exported, scripted
from fifth_pickles import XS, YS, torch_bytes
from fourth_folders import good
from honest import CLEAN, Honest
from ninth_benign import checkpoint, resnet, seeded, to_onnx, traced
from safetensors.numpy import save as save_numpy
from safetensors.torch import save
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from skops.io import dumps
from torch import Tensor, nn

from auditor.intake.words import words

HONEST10 = Honest()
PERHAPS = (0, 4)
honest, beside = HONEST10.honest, HONEST10.beside


def tensors() -> dict[str, Tensor]:
    return {"fc.weight": torch.randn(10, 64), "fc.bias": torch.zeros(10)}


YAML = "model:\n  hidden: 64\n  layers: 3\noptim:\n  lr: 0.0001\n  betas: [0.9, 0.95]\n"
SAVED: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "several_kinds": (lambda: {"f8": torch.randn(8).to(torch.float8_e4m3fn), "mask": torch.rand(8) > 0.5, "c": torch.randn(4, dtype=torch.complex64), "u": torch.arange(9).to(torch.uint16), "none": torch.zeros(0), "one": torch.tensor(3)}, PERHAPS),
    "views": (lambda: {"t": torch.randn(8, 4).T, "s": torch.randn(9)[::2], "e": torch.randn(1, 4).expand(3, 4)}, CLEAN),
    "list_of_parameters": (lambda: [nn.Parameter(torch.randn(4, 4)), nn.Parameter(torch.zeros(4), requires_grad=False)], CLEAN),
    "places": (lambda: {"w": torch.randn(4, 4), "device": torch.device("cpu"), "dtype": torch.bfloat16, "size": torch.Size([4, 4]), "layout": torch.strided}, PERHAPS),
    "numbers_of_numpy": (lambda: {"w": torch.randn(4, 4), "acc": np.float64(0.91), "hist": np.arange(5.0), "step": np.int64(7)}, CLEAN),
    "collections": (lambda: {"w": torch.randn(4, 4), "d": defaultdict(list, a=[1]), "c": Counter("abca"), "o": OrderedDict(a=1), "t": (1, None, 2.5, True), "s": {1, 2}}, CLEAN),
    "arguments": (lambda: {"model": tensors(), "args": argparse.Namespace(lr=0.1, data="/data/imagenet", arch="resnet18", resume="")}, PERHAPS),
    "audiocraft": (lambda: {"best_state": tensors(), "xp.cfg": YAML, "version": "1.3.0", "exported": True}, CLEAN),
    "voice": (lambda: {"weight": {k: v.half() for k, v in tensors().items()}, "config": [1025, 32, 192, "1", [3, 7, 11], [[1, 3, 5]], 48000], "info": "300epoch", "sr": "48k", "f0": 1, "version": "v2"}, CLEAN),
    "settings_inside": (lambda: {"state_dict": tensors(), "config": {**LLAMA, "torch_dtype": "float32"}, "classes": ["cat", "dog"], "commit": "2f1c0de"}, CLEAN),
    "trained_by_lightning": (lambda: {"state_dict": tensors(), "pytorch-lightning_version": "2.4.0", "hyper_parameters": {"lr": 1e-3, "optimizer": "adamw"}, "hparams_name": "kwargs", "callbacks": {"EarlyStopping{'monitor': 'val_loss', 'mode': 'min'}": {"wait_count": 0, "best_score": torch.tensor(0.2)}}}, CLEAN),
    "trained_by_hand": (checkpoint, CLEAN),
}  # fmt: skip
for _name, (_made, _codes) in SAVED.items():
    honest(f"{_name}.pt", seeded(lambda made=_made: torch_bytes(made())), _codes)
for _protocol in (3, 4, 5):
    honest(f"protocol_{_protocol}.pt", seeded(lambda p=_protocol: torch_bytes(tensors(), pickle_protocol=p)))  # fmt: skip
honest("old_4.pth", seeded(lambda: torch_bytes(tensors(), pickle_protocol=4, _use_new_zipfile_serialization=False)))  # fmt: skip


def zipped_again() -> bytes:
    """A torch file that somebody unpacked and zipped anew, with the dates of that day."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(torch_bytes(tensors()))) as old, zipfile.ZipFile(out, "w") as new:  # fmt: skip
        for n, name in enumerate(old.namelist()):
            made = zipfile.ZipInfo(name, (2024, 5, 17, 12, n, 8))
            made.external_attr = 0o644 << 16
            new.writestr(made, old.read(name))
    return out.getvalue()


honest("zipped_again.pt", seeded(zipped_again), PERHAPS)
honest("numpy.safetensors", lambda: save_numpy({"w": np.random.default_rng(0).normal(size=(8, 8)), "n": np.arange(4, dtype="u8"), "b": np.array([True, False])}))  # fmt: skip
honest("float8.safetensors", seeded(lambda: save({"w": torch.randn(64, 64).to(torch.float8_e4m3fn), "s": torch.tensor(1.0), "e": torch.zeros(0, 16)}, {"format": "pt"})))  # fmt: skip


def dumped(model: Any, x: Any = XS, y: Any = YS, **how: Any) -> bytes:
    body = io.BytesIO()
    joblib.dump(model.fit(x, y), body, **how)
    return body.getvalue()


LINE = lambda: make_pipeline(StandardScaler(), LogisticRegression())  # noqa: E731
for _packed in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4"):
    honest(f"packed_by_{_packed}.joblib", lambda p=_packed: dumped(LINE(), compress=(p, 3)))
FITTED: dict[str, Callable[[], Any]] = {
    "columns": lambda: make_pipeline(ColumnTransformer([("n", StandardScaler(), [0, 1]), ("c", OneHotEncoder(handle_unknown="ignore"), [2])]), LogisticRegression()),
    "searched": lambda: GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
    "calibrated": lambda: CalibratedClassifierCV(LogisticRegression(), cv=2),
    "voting": lambda: VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(2))]),
    "parts": lambda: make_pipeline(PCA(2), KNeighborsClassifier()),
    "logs": lambda: make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()),
    "told_to_pandas": lambda: make_pipeline(StandardScaler().set_output(transform="pandas"), LogisticRegression()),
}  # fmt: skip
for _name, _model in FITTED.items():
    honest(f"{_name}.joblib", lambda m=_model: dumped(m()), PERHAPS)
honest("words.joblib", lambda: dumped(make_pipeline(TfidfVectorizer(), LogisticRegression()), ["good film", "bad film"] * 9, [1, 0] * 9), PERHAPS)  # fmt: skip
honest("line.skops", lambda: dumps(LINE().fit(XS, YS)))
honest("line_deflated.skops", lambda: dumps(LINE().fit(XS, YS), compression=zipfile.ZIP_DEFLATED))


class Cnn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.last = nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3, groups=8), nn.Linear(8, 10)  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.hardswish(self.two(torch.relu(self.one(x))))
        return self.last(nn.functional.avg_pool2d(x, 2).mean((2, 3)))

    @torch.jit.unused
    def show(self, x: Tensor) -> None:
        raise NotImplementedError(x.shape)


class Reader(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.head = nn.LSTM(8, 16, batch_first=True), nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(x)[0][:, -1])


def jitted(make: Callable[[], Any], **files: str) -> bytes:
    body = io.BytesIO()
    torch.jit.save(make(), body, _extra_files=files)
    return body.getvalue()


def by_dynamo(model: nn.Module, x: Tensor) -> bytes:
    body = io.BytesIO()
    made = torch.onnx.export(model.eval(), (x,), dynamo=True, verbose=False)
    assert made is not None
    import onnx

    onnx.save(made.model_proto, body)
    return body.getvalue()


def scripted_cnn() -> Any:
    return torch.jit.script(Cnn().eval())


PICTURE = torch.zeros(2, 1, 12, 12)
honest("cnn.onnx", seeded(lambda: to_onnx(Cnn(), PICTURE)))
honest("cnn_dynamo.onnx", seeded(lambda: by_dynamo(Cnn(), PICTURE)))
honest("reader.onnx", seeded(lambda: to_onnx(Reader(), torch.zeros(2, 5, 8))), PERHAPS)
honest("cnn.ts", seeded(lambda: jitted(scripted_cnn)))
honest("cnn_traced.ts", seeded(lambda: traced(Cnn(), PICTURE)))
honest("cnn_frozen.ts", seeded(lambda: jitted(lambda: torch.jit.freeze(scripted_cnn()))), PERHAPS)
honest("cnn_with_labels.ts", seeded(lambda: jitted(scripted_cnn, **{"labels.txt": "cat\ndog\n", "config.json": '{"classes": ["cat", "dog"], "input_size": [1, 12, 12]}'})), PERHAPS)  # fmt: skip
honest("reader.ts", seeded(lambda: traced(Reader(), torch.zeros(2, 5, 8))), PERHAPS)
honest("trained_with_a_quantiser.ts", seeded(lambda: scripted("return self.two(torch.relu(torch.fake_quantize_per_tensor_affine(self.one(x), 0.05, 0, -128, 127)))")), PERHAPS)  # fmt: skip


def program(model: nn.Module, x: Tensor, **files: str) -> bytes:
    body = io.BytesIO()
    torch.export.save(torch.export.export(model.eval(), (x,), dynamic_shapes=({0: torch.export.Dim("batch")},)), body, extra_files=files)  # fmt: skip
    return body.getvalue()


honest("resnet.pt2", seeded(lambda: program(resnet(), torch.zeros(2, 1, 8, 8))))
honest("cnn_with_labels.pt2", seeded(lambda: program(Cnn(), PICTURE, **{"labels.txt": "cat\ndog\n"})), PERHAPS)  # fmt: skip
honest("attention.pt2", lambda: exported(lambda m, x: nn.functional.scaled_dot_product_attention(m.honest(x)[:, None], m.honest(x)[:, None], m.honest(x)[:, None])[:, 0]))  # fmt: skip
honest("root_mean_square.pt2", lambda: exported(lambda m, x: nn.functional.rms_norm(m.honest(x), [10], eps=1e-6)))  # fmt: skip


def arrays(**more: Any) -> bytes:
    body = io.BytesIO()
    np.savez_compressed(body, **more)
    return body.getvalue()


honest("weights.npz", lambda: arrays(w=np.asfortranarray(np.ones((4, 3))), names=np.array(["cat", "dog"]), days=np.array(["2024-05-17"], "M8[D]"), rows=np.zeros(3, [("x", "f4"), ("label", "U8")])), PERHAPS)  # fmt: skip

ATTRIBUTES = "".join(f"*.{e} filter=lfs diff=lfs merge=lfs -text\n" for e in words("7z arrow bin bz2 ckpt ftz gz h5 joblib lfs.* mlmodel model msgpack npy npz onnx ot parquet pb pickle pkl pt pth rar safetensors tflite tgz wasm xz zip zst")) + "saved_model/**/* filter=lfs diff=lfs merge=lfs -text\n*tfevents* filter=lfs diff=lfs merge=lfs -text\n"  # fmt: skip
CARD = """---
license: apache-2.0
license_link: https://huggingface.co/org/model/blob/main/LICENSE
base_model: org/base
extra_gated_prompt: You agree to the licence before you download.
model-index:
- name: model
  results:
  - task: {type: text-classification}
    dataset: {name: glue, type: glue}
    metrics: [{type: accuracy, value: 0.91}]
    source: {name: Open LLM Leaderboard, url: https://huggingface.co/spaces/open-llm-leaderboard}
---
# Model

<p align="center"><img src="https://example.org/logo.png" width="400"/></p>

```bash
pip install -U transformers accelerate
git clone https://github.com/org/model && cd model && pip install -r requirements.txt
huggingface-cli download org/model --local-dir ./model
curl http://localhost:8000/v1/chat/completions -H "Content-Type: application/json" -d '{"model": "org/model"}'
```

```python
import requests
from PIL import Image
from transformers import AutoModel
image = Image.open(requests.get("http://images.cocodataset.org/val2017/000000039769.jpg", stream=True).raw)
model = AutoModel.from_pretrained("org/model", trust_remote_code=True).eval()
```
"""
APACHE = "                                 Apache License\n                           Version 2.0, January 2004\n                        http://www.apache.org/licenses/\n\n   TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION\n"
beside("bert_whole", {"config.json": {"architectures": ["BertForSequenceClassification"], "model_type": "bert", "hidden_act": "gelu", "id2label": {"0": "NEGATIVE", "1": "POSITIVE"}, "label2id": {"NEGATIVE": 0, "POSITIVE": 1}}, "tokenizer.json": TOKENIZER, "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "model_max_length": 512, "do_lower_case": True, "cls_token": "[CLS]", "added_tokens_decoder": {"0": {"content": "[PAD]", "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}}}, "special_tokens_map.json": {"cls_token": "[CLS]", "pad_token": "[PAD]"}, "vocab.txt": "[PAD]\n[UNK]\n[CLS]\n[SEP]\nsafe\nunsafe\n", "README.md": CARD, "LICENSE": APACHE, ".gitattributes": ATTRIBUTES, "requirements.txt": "torch>=2.1 ; python_version >= '3.9'\ntransformers==4.43.0\n"})  # fmt: skip
beside("whisper", {"preprocessor_config.json": {"chunk_length": 30, "feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 80, "hop_length": 160, "n_fft": 400, "n_samples": 480000, "nb_max_frames": 3000, "padding_side": "right", "padding_value": 0.0, "processor_class": "WhisperProcessor", "return_attention_mask": False, "sampling_rate": 16000}, "generation_config.json": {"begin_suppress_tokens": [220, 50257], "forced_decoder_ids": [[1, None], [2, 50359]], "is_multilingual": True, "lang_to_id": {"<|en|>": 50259}, "max_initial_timestamp_index": 50, "max_length": 448, "no_timestamps_token_id": 50363, "num_beams": 5, "repetition_penalty": 1.1, "task_to_id": {"transcribe": 50359}}, "normalizer.json": {"colour": "color"}})  # fmt: skip
SIZES: dict[str, dict[str, Any]] = {
    "cohere": {"model_type": "cohere", "logit_scale": 0.0625, "use_qk_norm": False},
    "deepseek": {"model_type": "deepseek_v3", "routed_scaling_factor": 2.5, "n_routed_experts": 256, "num_experts_per_tok": 8, "scoring_func": "sigmoid", "rope_scaling": {"type": "yarn", "factor": 40, "mscale": 1.0, "mscale_all_dim": 1.0, "beta_fast": 32, "beta_slow": 1, "original_max_position_embeddings": 4096}},
    "gemma_3": {"model_type": "gemma3_text", "query_pre_attn_scalar": 256, "sliding_window": 512, "rope_local_base_freq": 10000.0},
    "minicpm": {"model_type": "minicpm", "scale_emb": 12, "scale_depth": 1.4, "dim_model_base": 256},
    "clip_of_words": {"model_type": "clip", "logit_scale_init_value": 2.6592, "projection_dim": 512},
    "falcon_of_widths": {"model_type": "falcon_h1", "lm_head_multiplier": 0.01953125, "ssm_multipliers": [0.3535, 0.25, 0.1768, 0.5, 0.3535], "key_multiplier": 0.390625},
}  # fmt: skip
for _name, _more in SIZES.items():
    beside(_name, {"config.json": {**LLAMA, **_more}})
beside("dense_granite", {"config.json": {**LLAMA, "num_local_experts": 0, "num_experts_per_tok": 0, "num_labels": 2, "id2label": {"0": "no", "1": "yes"}, "text_config": {"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}}, "generation_config.json": {"do_sample": True, "top_p": 0.9, "typical_p": 1.0, "min_p": 0.0, "num_beams": 4, "guidance_scale": None, "max_new_tokens": 2048, "stop_strings": ["<|im_end|>", "User:", "\n\n"], "length_penalty": -0.5}})  # fmt: skip
beside("chat_of_tools", {"chat_template.jinja": "{% for m in messages %}{% if loop.previtem is undefined or loop.previtem.role != 'tool' %}{{ '<|im_start|>' + m.role }}{% endif %}{{ m.content }}{% endfor %}"}, PERHAPS)  # fmt: skip
beside("installed", {"README.md": "# A model\n\n```bash\ncurl -fsSL https://ollama.com/install.sh | sh\ncurl http://192.168.1.5:8000/v1/models | python -m json.tool\neval \"$(conda shell.bash hook)\"\necho aGVsbG8= | base64 -d > note.txt\n```\n\n```powershell\nirm https://astral.sh/uv/install.ps1 | iex\n```\n"})  # fmt: skip
beside("tuned", {"adapter_config.json": {**LORA, "lora_alpha": 32, "lora_dropout": 0.05, "alpha_pattern": {"q_proj": 64}}})  # fmt: skip
beside("detector", {"preprocessor_config.json": {"image_processor_type": "DetrImageProcessor", "do_resize": True, "size": {"longest_edge": 1333, "shortest_edge": 800}, "image_mean": [123.675, 116.28, 103.53], "image_std": [58.395, 57.12, 57.375], "do_rescale": False}})  # fmt: skip
beside("sentences_cut", {"tokenizer.json": {**TOKENIZER, "truncation": {"direction": "Right", "max_length": 128, "strategy": "LongestFirst", "stride": 0}, "padding": {"strategy": {"Fixed": 128}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}}, "tokenizer_config.json": {"model_max_length": 1000000000000000019884624838656, "tokenizer_class": "PreTrainedTokenizerFast"}})  # fmt: skip
beside("trained", {"trainer_state.json": {"best_metric": None, "epoch": 3.0, "global_step": 30, "is_local_process_zero": True, "log_history": [{"epoch": 1.0, "loss": 0.7, "learning_rate": 5e-05, "step": 10}], "stateful_callbacks": {"TrainerControl": {"args": {"should_save": True}, "attributes": {}}}}, "train_results.json": {"epoch": 3.0, "train_loss": 0.4}}, PERHAPS)  # fmt: skip
beside("versioned", {"model.safetensors.dvc": "outs:\n- md5: d41d8cd98f00b204e9800998ecf8427e\n  size: 600\n  hash: md5\n  path: model.safetensors\n", ".gitignore": "/model.safetensors\n*.pyc\n"}, PERHAPS)  # fmt: skip


def _shared(root: Path) -> None:
    """A folder of a group, with weights that a copy from another system marked as programs."""
    (root / "sub").mkdir()
    (root / "sub").chmod(0o2775)
    (root / "sub" / "model.safetensors").write_bytes(good())
    (root / "sub" / "model.safetensors").chmod(0o755)


HONEST10.place("shared", CLEAN)(_shared)
honest("results.json", lambda: json.dumps({"results": {"acc": 0.91}}).encode(), (0, 2, 4))
