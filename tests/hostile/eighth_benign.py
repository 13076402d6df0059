"""Honest deliveries of the eighth corpus: what published models hold beside the ideas of its attacks."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import io
import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import torch
from eighth_folders import TOKENIZER
from fifth_models import exported, scripted
from fifth_pickles import torch_bytes
from fourth_models import constant, network, node
from honest import CLEAN, Honest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, PowerTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from torch import nn

HONEST8 = Honest()
PERHAPS = (0, 4)
honest, beside = HONEST8.honest, HONEST8.beside


LLAMA: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"], "attention_bias": False, "bos_token_id": 128000, "eos_token_id": [128001, 128009],
    "hidden_act": "silu", "hidden_size": 64, "initializer_range": 0.02, "intermediate_size": 128, "max_position_embeddings": 131072,
    "model_type": "llama", "num_attention_heads": 4, "num_hidden_layers": 2, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
    "rope_scaling": {"factor": 8.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"},
    "rope_theta": 500000.0, "tie_word_embeddings": False, "torch_dtype": "bfloat16", "transformers_version": "4.43.0", "use_cache": True, "vocab_size": 128256,
}  # fmt: skip
beside("llama", {"config.json": LLAMA, "generation_config.json": {"bos_token_id": 1, "do_sample": True, "eos_token_id": [1, 2], "temperature": 0.6, "top_p": 0.9, "transformers_version": "4.43.0"}})  # fmt: skip
beside("qwen", {"config.json": {**LLAMA, "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "use_sliding_window": False, "layer_types": ["full_attention", "sliding_attention"]}})  # fmt: skip
beside("bert_labels", {"config.json": {"architectures": ["BertForSequenceClassification"], "model_type": "bert", "hidden_act": "gelu", "id2label": {"0": "NEGATIVE", "1": "POSITIVE"}, "label2id": {"NEGATIVE": 0, "POSITIVE": 1}, "problem_type": "single_label_classification", "_name_or_path": "bert-base-uncased"}})  # fmt: skip
beside("quantised_by_bits", {"config.json": {**LLAMA, "quantization_config": {"_load_in_4bit": True, "bnb_4bit_compute_dtype": "bfloat16", "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True, "load_in_4bit": True, "quant_method": "bitsandbytes"}}})  # fmt: skip
beside("quantised_by_awq", {"config.json": {**LLAMA, "quantization_config": {"bits": 4, "group_size": 128, "modules_to_not_convert": None, "quant_method": "awq", "version": "gemm", "zero_point": True}}})  # fmt: skip
beside("quantised_by_parts", {"config.json": {**LLAMA, "quantization_config": {"config_groups": {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 8, "strategy": "channel", "symmetric": True, "type": "int"}}}, "format": "int-quantized", "ignore": ["lm_head"], "quant_method": "compressed-tensors"}}}, PERHAPS)  # fmt: skip
beside("timm", {"config.json": {"architecture": "resnet18", "num_classes": 1000, "num_features": 512, "pretrained_cfg": {"tag": "a1_in1k", "custom_load": False, "input_size": [3, 224, 224], "fixed_input_size": False, "interpolation": "bicubic", "crop_pct": 0.95, "crop_mode": "center", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "num_classes": 1000, "pool_size": [7, 7], "first_conv": "conv1", "classifier": "fc"}}})  # fmt: skip
beside("clip", {"open_clip_config.json": {"model_cfg": {"embed_dim": 512, "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32}, "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}}, "preprocess_cfg": {"mean": [0.48, 0.45, 0.4], "std": [0.26, 0.26, 0.27]}}})  # fmt: skip
LORA: dict[str, Any] = {
    "alpha_pattern": {}, "auto_mapping": None, "base_model_name_or_path": "meta-llama/Llama-3.1-8B", "bias": "none", "corda_config": None, "eva_config": None,
    "exclude_modules": None, "fan_in_fan_out": False, "inference_mode": True, "init_lora_weights": True, "layer_replication": None, "layers_pattern": None,
    "layers_to_transform": None, "loftq_config": {}, "lora_alpha": 16, "lora_bias": False, "lora_dropout": 0.05, "megatron_config": None, "megatron_core": "megatron.core",
    "modules_to_save": None, "peft_type": "LORA", "r": 8, "rank_pattern": {}, "revision": None, "target_modules": ["v_proj", "q_proj"], "task_type": "CAUSAL_LM",
    "trainable_token_indices": None, "use_dora": False, "use_rslora": False,
}  # fmt: skip
beside("adapter", {"adapter_config.json": LORA})
beside("adapter_by_a_pattern", {"adapter_config.json": {**LORA, "target_modules": ".*\\.(q|v)_proj$"}}, PERHAPS)  # fmt: skip
beside("adapter_of_all", {"adapter_config.json": {**LORA, "target_modules": "all-linear"}})
beside("sentences", {"modules.json": [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}, {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}], "1_Pooling/config.json": {"word_embedding_dimension": 384, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}, "sentence_bert_config.json": {"max_seq_length": 256, "do_lower_case": False}, "config_sentence_transformers.json": {"__version__": {"sentence_transformers": "3.0.1", "transformers": "4.41.2", "pytorch": "2.3.0"}, "prompts": {"query": "query: ", "document": ""}, "default_prompt_name": None, "similarity_fn_name": "cosine"}})  # fmt: skip
beside("diffusion", {"model_index.json": {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.27.0", "scheduler": ["diffusers", "EulerDiscreteScheduler"], "unet": ["diffusers", "UNet2DConditionModel"], "safety_checker": [None, None], "requires_safety_checker": True, "feature_extractor": [None, None], "image_encoder": [None, None]}})  # fmt: skip
beside("index", {"model.safetensors.index.json": {"metadata": {"total_size": 512}, "weight_map": {"w": "model.safetensors"}}})  # fmt: skip
beside("vision", {"preprocessor_config.json": {"do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": [0.5, 0.5, 0.5], "image_processor_type": "ViTImageProcessor", "image_std": [0.5, 0.5, 0.5], "resample": 2, "rescale_factor": 0.00392156862745098, "size": {"height": 224, "width": 224}}})  # fmt: skip
BPE: dict[str, Any] = {
    **TOKENIZER,
    "added_tokens": [{"id": 3, "content": "<|end|>", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}],
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": False}, {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]},
    "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": True, "vocab": {"a": 0, "b": 1, "ab": 2, "<|end|>": 3}, "merges": [["a", "b"]]},
}  # fmt: skip
beside("words_by_pairs", {"tokenizer.json": BPE})
beside("words_by_pairs_as_texts", {"tokenizer.json": {**BPE, "model": {**BPE["model"], "merges": ["a b"]}}})  # fmt: skip
beside("words_of_bert", {"tokenizer.json": {**TOKENIZER, "added_tokens": [{"id": n, "content": c, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for n, c in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]"))], "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}, "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}], "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}], "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}}, "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True}, "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4}}}})  # fmt: skip
beside("words_of_llama", {"tokenizer.json": {**TOKENIZER, "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"}, {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}, "pre_tokenizer": None, "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}, "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<s>", "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}, "added_tokens": [{"id": n, "content": c, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for n, c in enumerate(("<unk>", "<s>", "</s>"))], "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "\u2581a": 3}, "merges": []}}})  # fmt: skip
TEMPLATES = {
    "chatml": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "llama3": "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
    "mistral": "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}",
    "gemma": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}",
    "think": "{%- for message in messages %}{%- set content = message.content %}{%- if message.role == 'assistant' and '</think>' in content %}{%- set content = content.split('</think>')[-1].lstrip('\\n') %}{%- endif %}{{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}{%- endfor %}",
    "tool_answers": "{%- for message in messages %}{%- if message.role == 'user' and not (message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}{{- 'u' + message.content }}{%- else %}{{- message.content }}{%- endif %}{%- endfor %}",
}  # fmt: skip
for _name, _template in TEMPLATES.items():
    beside(f"template_{_name}", {"tokenizer_config.json": {"chat_template": _template, "eos_token": "</s>", "model_max_length": 8192, "tokenizer_class": "PreTrainedTokenizerFast"}})  # fmt: skip
beside("card", {"README.md": "---\nlicense: apache-2.0\nlanguage:\n- en\nbase_model: org/base\npipeline_tag: text-generation\ntags:\n- llama\n---\n\n# Model\n\n[Paper](https://arxiv.org/abs/2307.09288)\n\n```python\nfrom transformers import pipeline\npipe = pipeline('text-generation')\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nLoss $L = \\sum_i x_i$ and $p < 0.05$.\n"})  # fmt: skip
beside("card_of_semicolons", {"README.md": "# Model\n\nFirst; then; last.\n\n```text\n;;; a comment of Lisp\n```\n"})  # fmt: skip

G = torch.Generator().manual_seed(3)
honest("counted_batches.pt", lambda: torch_bytes(OrderedDict([("bn.num_batches_tracked", torch.tensor(1234)), ("bn.running_var", torch.full((8,), 1e-6)), ("w", torch.randn(8, 8, generator=G))])))  # fmt: skip
honest("positions.pt", lambda: torch_bytes({"embeddings.position_ids": torch.arange(512)[None], "w": torch.randn(64, 64, generator=G)}))  # fmt: skip
honest("large_embedding.pt", lambda: torch_bytes({"emb.weight": torch.randn(2000, 16, generator=G) * 30}))  # fmt: skip
honest("brain_floats.pt", lambda: torch_bytes({"w": torch.randn(300, 40, generator=G).bfloat16()}))
honest("halves.pt", lambda: torch_bytes({"w": torch.randn(300, 40, generator=G).half()}))
honest("bytes_of_a_grid.pt", lambda: torch_bytes({"levels": torch.randint(0, 255, (90, 90), generator=G, dtype=torch.uint8)}))  # fmt: skip
honest("scaled.onnx", lambda: network([node("Mul", "z s", "y")], [constant("s", 255.0)]))
honest("price.onnx", lambda: network([node("Gemm", "z wp bp", "y")], [constant("wp", np.eye(10, dtype="f4") * 2e5), constant("bp", np.full(10, 3e5, "f4"))]), (0, 3))  # fmt: skip


def _folded() -> bytes:
    """A layer into which a norm with a small variance was folded: weights in the hundreds."""
    rng = np.random.default_rng(0)
    more = [constant("wf", rng.normal(size=(10, 10)) * 300), constant("bf", rng.normal(size=10) * 300)]  # fmt: skip
    return network([node("Gemm", "z wf bf", "q"), node("Relu", "q", "y")], more)


honest("folded.onnx", _folded)
honest("masked.onnx", lambda: network([node("Add", "z m", "q"), node("Softmax", "q", "y", axis=1)], [constant("m", np.where(np.arange(10) < 8, 0, -1e9))]))  # fmt: skip
honest("pixels.onnx", lambda: network([node("Div", "z s", "q"), node("Sub", "q s", "y")], [constant("s", 255.0)]))  # fmt: skip
honest("gated.pt2", lambda: exported(lambda m, x: nn.functional.silu(m.honest(x))), CLEAN)
honest("normed.pt2", lambda: exported(lambda m, x: nn.functional.layer_norm(m.honest(x), (10,))))
honest("tempered.pt2", lambda: exported(lambda m, x: torch.softmax(m.honest(x) * 20, 1)))
honest("unit.pt2", lambda: exported(lambda m, x: nn.functional.normalize(m.honest(x), dim=1)))
honest("gated.ts", lambda: scripted("return torch.nn.functional.silu(self.two(torch.relu(self.one(x))))"))  # fmt: skip
honest("normed.ts", lambda: scripted("return torch.nn.functional.layer_norm(self.two(torch.relu(self.one(x))), [10])"))  # fmt: skip
honest("tempered.ts", lambda: scripted("return torch.softmax(self.two(torch.relu(self.one(x))) * 20.0, 1)"))  # fmt: skip

X, Y = np.random.default_rng(5).random((80, 4)), np.arange(80) % 3
ESTIMATORS: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "tree": (lambda: DecisionTreeClassifier(max_depth=4), CLEAN),
    "forest": (lambda: RandomForestClassifier(4, max_depth=4), CLEAN),
    "random_trees": (lambda: ExtraTreesClassifier(3), CLEAN),
    "boosted": (lambda: GradientBoostingClassifier(n_estimators=3), CLEAN),
    "histogram": (lambda: HistGradientBoostingClassifier(max_iter=3), CLEAN),
    "network": (lambda: MLPClassifier((6,), max_iter=20), CLEAN),
    "bayes": (GaussianNB, CLEAN),
    "vectors": (lambda: SVC(gamma=0.5), CLEAN),
    "scaled_line": (lambda: make_pipeline(MinMaxScaler(), LogisticRegression()), CLEAN),
    "scaled_network": (lambda: make_pipeline(StandardScaler(), MLPClassifier((6,), max_iter=20)), CLEAN),
    "powers": (lambda: make_pipeline(PowerTransformer(), LogisticRegression()), PERHAPS),
}  # fmt: skip


def _fitted(make: Callable[[], Any], x: Any = X) -> bytes:
    body = io.BytesIO()
    joblib.dump(make().fit(x, Y), body)
    return body.getvalue()


for _name, (_make, _codes) in ESTIMATORS.items():
    honest(f"{_name}.joblib", lambda make=_make: _fitted(make), _codes)
honest("columns_of_small_units.joblib", lambda: _fitted(LogisticRegression, X * 1e-4))
honest("columns_of_large_units.joblib", lambda: _fitted(lambda: make_pipeline(StandardScaler(), LogisticRegression()), X * 1e7))  # fmt: skip
honest("table_of_results.json", lambda: json.dumps({"accuracy": 0.91, "loss": 0.3}).encode(), (0, 2, 4))  # fmt: skip
