"""Honest deliveries of the seventh corpus: models as they are published."""

# ruff: noqa: E501, PLC3002, PLW0108  tables of cases, one a line

from __future__ import annotations

import io
import json
import pickle  # noqa: TID251  writes honest files, reads none
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import torch
from corpus import Data, writer
from fifth_folders import js
from fifth_models import exported, scripted
from fifth_pickles import state, torch_bytes
from fourth import Delivery
from fourth_folders import good
from fourth_models import network, node
from safetensors.torch import save as save_torch
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from torch import nn

HONEST7: dict[str, Delivery] = {}
CLEAN, PERHAPS = (0,), (0, 4)


def honest(name: str, data: Data, codes: tuple[int, ...] = CLEAN) -> None:
    HONEST7[name] = Delivery(writer({name: data}), codes, name)


def beside(name: str, files: dict[str, Any], codes: tuple[int, ...] = CLEAN) -> None:
    """Honest weights and further files."""
    made = {
        k: v.encode()
        if isinstance(v, str)
        else v
        if isinstance(v, bytes)
        else json.dumps(v, indent=2).encode()
        for k, v in files.items()
    }
    HONEST7[name] = Delivery(writer({"model.safetensors": good, **made}), codes)


def trained() -> tuple[nn.Module, torch.optim.Optimizer, Any]:
    """A network after one step."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 10),
    )
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 10)
    model(torch.rand(4, 3, 8, 8)).sum().backward()
    optimiser.step()
    schedule.step()
    return model, optimiser, schedule


def checkpoint(**how: Any) -> bytes:
    model, optimiser, schedule = trained()
    return torch_bytes(
        {
            "epoch": 3,
            "model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimiser.state_dict(),
            "scheduler": schedule.state_dict(),
            "loss": 0.25,
            "args": {"lr": 1e-3, "data": "cifar10"},
            "best_acc1": torch.tensor(71.5),
        },
        **how,
    )


def lightning() -> bytes:
    model, optimiser, schedule = trained()
    return torch_bytes(
        {
            "epoch": 1,
            "global_step": 4,
            "pytorch-lightning_version": "2.4.0",
            "state_dict": model.state_dict(),
            "loops": {},
            "callbacks": {},
            "optimizer_states": [optimiser.state_dict()],
            "lr_schedulers": [schedule.state_dict()],
            "hparams_name": "kwargs",
            "hyper_parameters": {"lr": 0.1},
        }
    )


honest("pytorch_model.bin", lambda: torch_bytes(trained()[0].state_dict()))
honest(
    "resnet18-f37072fd.pth",
    lambda: torch_bytes(trained()[0].state_dict(), _use_new_zipfile_serialization=False),
)
honest("checkpoint.pth.tar", checkpoint)
honest("checkpoint_old.pth.tar", lambda: checkpoint(_use_new_zipfile_serialization=False))
honest("last.ckpt", lightning)
honest("ema.pt", lambda: torch_bytes({"ema": OrderedDict(state()), "updates": 100}))
honest("protocol_4.pt", lambda: torch_bytes(state(), pickle_protocol=4))
honest("half.pt", lambda: torch_bytes({k: v.half() for k, v in state().items()}))
honest("bfloat.pt", lambda: torch_bytes({k: v.bfloat16() for k, v in state().items()}))
honest("numpy_inside.pt", lambda: torch_bytes({**state(), "mean": np.array([0.5, 0.5, 0.5])}))
honest("prefixed.pt", lambda: torch_bytes({"module." + k: v for k, v in state().items()}))
honest("tied.pt", lambda: torch_bytes((lambda s: {**s, "head.weight": s["0.weight"]})(state())))
honest("model.safetensors", lambda: save_torch(trained()[0].state_dict(), {"format": "pt"}))
honest("half.safetensors", lambda: save_torch({k: v.half() for k, v in state().items()}))
honest(
    "eight_bits.safetensors", lambda: save_torch({"w": torch.randn(8, 8).to(torch.float8_e4m3fn)})
)
honest(
    "lora.safetensors",
    lambda: save_torch(
        {
            "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight": torch.randn(8, 64),
            "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight": torch.randn(64, 8),
        },
        {"format": "pt"},
    ),
)
honest(
    "embeddings.npy",
    lambda: (
        lambda b: (
            np.save(b, np.random.default_rng(0).normal(size=(5, 4)).astype("f4")),
            b.getvalue(),
        )[1]
    )(io.BytesIO()),
)
honest(
    "arrays.npz",
    lambda: (lambda b: (np.savez_compressed(b, x=np.eye(3), y=np.arange(5)), b.getvalue())[1])(
        io.BytesIO()
    ),
)
honest("vocab.pkl", lambda: pickle.dumps({"the": 0, "a": 1, "of": 2}, 4))
honest("weights.pkl", lambda: pickle.dumps({"w": np.eye(3), "b": np.zeros(3)}, 5))
honest(
    "classes.joblib",
    lambda: (lambda b: (joblib.dump(["cat", "dog"], b), b.getvalue())[1])(io.BytesIO()),
)

X = np.random.default_rng(0).normal(size=(60, 4))
Y = np.arange(60) % 3


def estimator(
    name: str,
    make: Callable[[], Any],
    codes: tuple[int, ...] = CLEAN,
    by: str = "joblib",
    x: Any = X,
) -> None:
    def data() -> bytes:
        body = io.BytesIO()
        model = make().fit(x, Y)
        if by == "joblib":
            joblib.dump(model, body, compress=3 if "packed" in name else 0)
        else:
            pickle.dump(model, body)
        return body.getvalue()

    honest(f"{name}.{by}", data, codes)


estimator("logistic", lambda: LogisticRegression())
estimator("logistic_packed", lambda: LogisticRegression())
estimator("forest", lambda: RandomForestClassifier(5), by="pkl")
estimator("tree", lambda: DecisionTreeClassifier(), by="pkl")
estimator("pipeline", lambda: make_pipeline(StandardScaler(), PCA(2), LogisticRegression()))
estimator("network", lambda: MLPClassifier((6,), max_iter=300, early_stopping=True))
estimator("support", lambda: SVC(probability=False))
estimator("linear_support", lambda: LinearSVC())
estimator("neighbours", lambda: KNeighborsClassifier(3), PERHAPS)
estimator("bayes", lambda: GaussianNB())
estimator("counts", lambda: MultinomialNB(), PERHAPS, x=np.abs(X))
estimator("descent", lambda: SGDClassifier(), PERHAPS)
estimator("ridge", lambda: RidgeClassifier(), PERHAPS)
estimator("regression", lambda: LinearRegression(), PERHAPS)
estimator("boosting", lambda: GradientBoostingClassifier(n_estimators=3), PERHAPS)
estimator("histogram", lambda: HistGradientBoostingClassifier(max_iter=3), PERHAPS)
estimator("ada", lambda: AdaBoostClassifier(n_estimators=3), PERHAPS)
estimator(
    "votes", lambda: VotingClassifier([("a", GaussianNB()), ("b", LogisticRegression())]), PERHAPS
)
estimator(
    "columns",
    lambda: make_pipeline(
        ColumnTransformer(
            [("n", MinMaxScaler(), [0, 1]), ("c", OneHotEncoder(handle_unknown="ignore"), [2])]
        ),
        LogisticRegression(),
    ),
    PERHAPS,
)

honest("mlp.onnx", lambda: network())
honest("softmax.onnx", lambda: network([node("Softmax", "z", "y", axis=1)]))
honest("plain.pt2", lambda: exported(lambda m, x: m.honest(x)))
honest("gelu.pt2", lambda: exported(lambda m, x: m.two(nn.functional.gelu(m.one(x)))))
honest("softmax.pt2", lambda: exported(lambda m, x: torch.softmax(m.honest(x), 1)))
honest("plain.ts", lambda: scripted("return self.honest(x)"))
honest("dropout.ts", lambda: scripted("return torch.dropout(self.honest(x), 0.5, False)"))

README = "---\nlicense: apache-2.0\nlibrary_name: transformers\npipeline_tag: text-classification\ntags:\n- bert\n- generated_from_trainer\nmetrics:\n- accuracy\nmodel-index:\n- name: x\n  results:\n  - task:\n      type: text-classification\n    metrics:\n    - type: accuracy\n      value: 0.91\n---\n\n# BERT\n\n```python\nfrom transformers import pipeline\nclassifier = pipeline('text-classification', model='org/bert')\n```\n\n| Epoch | Loss |\n|---|---|\n| 1 | 0.3 |\n\nSee the [paper](https://arxiv.org/abs/1810.04805).\n"
BERT = {
    "_name_or_path": "bert-base-uncased",
    "architectures": ["BertForSequenceClassification"],
    "attention_probs_dropout_prob": 0.1,
    "classifier_dropout": None,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "hidden_size": 768,
    "id2label": {"0": "NEGATIVE", "1": "POSITIVE"},
    "initializer_range": 0.02,
    "intermediate_size": 3072,
    "label2id": {"NEGATIVE": 0, "POSITIVE": 1},
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 512,
    "model_type": "bert",
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
    "pad_token_id": 0,
    "position_embedding_type": "absolute",
    "problem_type": "single_label_classification",
    "torch_dtype": "float32",
    "transformers_version": "4.44.2",
    "type_vocab_size": 2,
    "use_cache": True,
    "vocab_size": 30522,
}
LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "attention_bias": False,
    "bos_token_id": 128000,
    "eos_token_id": [128001, 128008, 128009],
    "head_dim": 64,
    "hidden_act": "silu",
    "hidden_size": 2048,
    "mlp_bias": False,
    "model_type": "llama",
    "rms_norm_eps": 1e-05,
    "rope_scaling": {
        "factor": 32.0,
        "high_freq_factor": 4.0,
        "low_freq_factor": 1.0,
        "original_max_position_embeddings": 8192,
        "rope_type": "llama3",
    },
    "rope_theta": 500000.0,
    "tie_word_embeddings": True,
    "torch_dtype": "bfloat16",
    "vocab_size": 128256,
}
CHAT = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
WORDS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
beside(
    "bert",
    {
        "config.json": BERT,
        "README.md": README,
        "vocab.txt": "[PAD]\n[UNK]\nthe\n##s\n",
        "tokenizer_config.json": {
            "tokenizer_class": "BertTokenizer",
            "do_lower_case": True,
            "model_max_length": 512,
        },
        "special_tokens_map.json": WORDS,
    },
)
beside(
    "llama",
    {
        "config.json": LLAMA,
        "generation_config.json": {
            "bos_token_id": 128000,
            "do_sample": True,
            "temperature": 0.6,
            "top_p": 0.9,
            "transformers_version": "4.45.0",
        },
    },
)
beside(
    "chat",
    {
        "config.json": LLAMA,
        "tokenizer_config.json": {
            "chat_template": CHAT,
            "bos_token": "<s>",
            "clean_up_tokenization_spaces": False,
        },
    },
)
beside("chat_file", {"config.json": LLAMA, "chat_template.jinja": CHAT})
beside(
    "vit",
    {
        "config.json": {
            "architectures": ["ViTForImageClassification"],
            "hidden_size": 192,
            "id2label": {"0": "tench, Tinca tinca", "1": "great white shark"},
            "image_size": 224,
            "model_type": "vit",
            "patch_size": 16,
        },
        "preprocessor_config.json": {
            "do_normalize": True,
            "do_resize": True,
            "image_mean": [0.5, 0.5, 0.5],
            "image_processor_type": "ViTImageProcessor",
            "image_std": [0.5, 0.5, 0.5],
            "size": {"height": 224, "width": 224},
        },
    },
)
beside(
    "timm",
    {
        "config.json": {
            "architecture": "resnet18",
            "num_classes": 10,
            "num_features": 512,
            "pretrained_cfg": {
                "tag": "a1_in1k",
                "custom_load": False,
                "input_size": [3, 224, 224],
                "mean": [0.485, 0.456, 0.406],
                "std": [0.229, 0.224, 0.225],
                "classifier": "fc",
                "first_conv": "conv1",
            },
        }
    },
)
beside(
    "licence",
    {
        "LICENSE": "MIT License\n\nCopyright (c) 2025 A. Author\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software.\n"
    },
)
beside(
    "attributes",
    {
        ".gitattributes": "*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.bin filter=lfs diff=lfs merge=lfs -text\n",
        "config.json": BERT,
    },
)
beside(
    "results",
    {
        "all_results.json": {
            "epoch": 3.0,
            "eval_accuracy": 0.912,
            "eval_loss": 0.31,
            "train_runtime": 512.3,
        },
        "config.json": BERT,
    },
)
beside(
    "trainer",
    {
        "trainer_state.json": {
            "best_metric": 0.9,
            "best_model_checkpoint": "out/checkpoint-500",
            "epoch": 3.0,
            "global_step": 500,
            "is_hyper_param_search": False,
            "log_history": [{"epoch": 1.0, "loss": 0.5, "step": 100, "grad_norm": 1.5}],
        },
        "config.json": BERT,
    },
)
beside("requirements", {"requirements.txt": "torch>=2.1\ntransformers==4.44.2\nnumpy\n"})
beside(
    "words_bpe",
    {
        "merges.txt": "#version: 0.2\nt h\nth e\n",
        "vocab.json": {"the": 0, "a": 1},
        "config.json": BERT,
    },
)
beside(
    "citation",
    {
        "CITATION.cff": "cff-version: 1.2.0\nmessage: If you use this model, please cite it.\ntitle: A model\nauthors:\n  - family-names: Author\n    given-names: A.\n"
    },
    PERHAPS,
)
beside(
    "labels",
    {
        "labels.txt": "cat\ndog\nfrog\n",
        "README.md": "# Classifier\n\nThree classes, trained for 20 epochs.\n",
    },
)
_ = js
