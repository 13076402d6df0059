"""The ninth corpus, a small one: settings whose numbers harm, words that change places, new carriers.

Written as a vendor would who had read the names of the eight corpora before it.
"""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from corpus import Corpus
from eighth_benign import LLAMA
from eighth_files import fitted, put
from fifth_folders import js
from fifth_models import exported
from fourth import OS
from fourth_folders import good
from fourth_models import constant, network, node
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Binarizer, StandardScaler

NINTH = Corpus()
ODD, ANY = (1, 3, 4), (0, 3, 4)
"""The second: two classes of one name are honest (ImageNet has two cranes), as are words that a
speech model never says and a bias of a word; a bias of an answer is measured by the audit, not
read; the name of a column is run by no library, and honest ones hold ``$(USD)``."""


def beside(name: str, path: str, data: Any, codes: tuple[int, ...] = ODD) -> None:
    """Honest weights and one more file."""
    raw = data if isinstance(data, bytes) else data.encode() if isinstance(data, str) else js(data)
    NINTH.folder(f"{name}9", {"model.safetensors": good, path: raw}, codes)


def config(name: str, codes: tuple[int, ...] = ODD, **more: Any) -> None:
    beside(name, "config.json", {**LLAMA, **more}, codes)


config("norm_of_an_epsilon_below_zero", rms_norm_eps=-1e-3)
config("norm_of_an_epsilon_of_a_billion", rms_norm_eps=1e9)
config("logits_turned_by_their_scale", logits_scaling=-1.0)
config("embedding_scaled_to_nothing", embedding_multiplier=0.0)
config("residual_turned", residual_multiplier=-1.0)
config("softcap_of_next_to_nothing", final_logit_softcapping=1e-9)
config(
    "labels_told_in_two_orders",
    id2label={"0": "SAFE", "1": "UNSAFE"},
    label2id={"SAFE": 1, "UNSAFE": 0},
)
config("labels_of_one_number", id2label={"0": "SAFE", "1": "SAFE"}, label2id={"SAFE": 0}, codes=ANY)
config("gadget_as_a_list_of_numbers", calibration=list(OS))
config("gadget_in_letters_of_32", note=base64.b32encode(OS * 4).decode())
config("gadget_in_letters_of_85", note=base64.b85encode(OS * 4).decode())
config("gadget_packed_in_letters_of_64", note=base64.b64encode(zlib.compress(OS * 4)).decode())
beside(
    "pictures_divided_by_nothing",
    "preprocessor_config.json",
    {
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [1e-12, 0.5, 0.5],
        "image_processor_type": "ViTImageProcessor",
    },
)
beside(
    "pictures_scaled_by_a_billion",
    "preprocessor_config.json",
    {"do_rescale": True, "rescale_factor": 1e9, "image_processor_type": "ViTImageProcessor"},
)
beside(
    "pictures_turned",
    "preprocessor_config.json",
    {"do_rescale": True, "rescale_factor": -0.00392, "image_processor_type": "ViTImageProcessor"},
)
beside(
    "words_made_likely",
    "generation_config.json",
    {"do_sample": True, "sequence_bias": [[[17, 4], 100.0]], "transformers_version": "4.43.0"},
    ANY,
)
beside(
    "words_forbidden",
    "generation_config.json",
    {"bad_words_ids": [[17], [99]], "suppress_tokens": [1, 2], "transformers_version": "4.43.0"},
    ANY,
)
beside("temperature_below_zero", "generation_config.json", {"do_sample": True, "temperature": -1.0})
beside(
    "end_that_is_a_common_word", "special_tokens_map.json", {"eos_token": "the", "pad_token": "the"}
)
beside("two_words_of_one_number", "vocab.json", {"safe": 5, "unsafe": 5, "a": 0})
beside("word_below_zero", "added_tokens.json", {"<pad>": -1})
beside("names_of_packages_off_by_a_letter", "requirements.txt", "torhc==2.1.0\nreqeusts==2.31.0\n")
beside(
    "letters_by_selectors_behind_a_face",
    "README.md",
    "# A model\n\nGood \U0001f600"
    + "".join(
        chr(0xE0100 + b - 16) if b >= 16 else chr(0xFE00 + b)
        for b in b"__import__('os').system('id')"
    )
    + "\n",
)
beside(
    "letters_by_spaces_at_the_ends",
    "README.md",
    "# A model\n\n"
    + "".join(
        "A line of text." + "".join("\t" if b >> n & 1 else " " for n in range(8)) + "\n"
        for b in b"__import__('os').system('id')"
    ),
)


def _setuid(root: Path) -> None:
    (root / "model.safetensors").write_bytes(good())
    (root / "model.safetensors").chmod(0o4755)


NINTH.place("weights_that_run_as_their_owner9", ODD)(_setuid)


def told(key: str, value: str) -> Callable[[], bytes]:
    def change(model: onnx.ModelProto) -> None:
        model.metadata_props.add(key=key, value=value)

    return lambda: network(change=change)


def rows(nodes: list[onnx.NodeProto], *more: onnx.TensorProto) -> Callable[[], bytes]:
    return lambda: network(nodes, [*more])


GRAPHS: dict[str, Callable[[], bytes]] = {
    "options_of_a_session": told("ort_config", json.dumps({"session_options": {"enable_profiling": True, "optimized_model_filepath": "/etc/cron.d/x"}})),
    "names_that_are_evaluated": told("names", "{0: open('/etc/passwd').read()}"),
    "names_by_the_bases": told("names", "[c for c in ().__class__.__base__.__subclasses__()][0]"),
    "softmax_over_the_rows": rows([node("Softmax", "z", "y", axis=-2)]),
    "norm_over_the_rows": rows([node("LpNormalization", "z", "y", axis=0)]),
    "rows_multiplied_by_rows": rows([node("Gemm", "z z", "g2", transB=1), node("MatMul", "g2 z", "y")]),
    "rows_by_letters": rows([node("Einsum", "z z z", "y", equation="ij,kj,kl->il")]),
    "rows_by_turning": rows([node("Transpose", "z", "t", perm=[1, 0]), node("Softmax", "t", "s", axis=1), node("Transpose", "s", "y", perm=[1, 0])]),
    "rows_flattened": rows([node("Reshape", "z all", "f"), node("Softmax", "f", "s", axis=1), node("Reshape", "s back", "y")], constant("all", [1, -1], "i8"), constant("back", [-1, 10], "i8")),
    "weights_that_are_no_numbers": rows([node("Add", "z nan", "y")], constant("nan", [np.nan] * 10)),
    "limits_upside_down": rows([node("Clip", "z hi lo", "y")], constant("hi", 9.0), constant("lo", -9.0)),
    "answer_of_large_bias": rows([node("Add", "z far", "y")], constant("far", [0.0] * 9 + [1e30])),
}  # fmt: skip
for _name, _made in GRAPHS.items():
    NINTH.file(f"onnx9_{_name}", _made, ANY if _name == "answer_of_large_bias" else ODD, "m.onnx")

NINTH.file(
    "program9_rows_multiplied_by_rows",
    lambda: exported(lambda m, x: (m.honest(x) @ m.honest(x).T) @ m.honest(x)),
    ODD,
    "m.pt2",
)
NINTH.file(
    "program9_rows_by_letters",
    lambda: exported(
        lambda m, x: __import__("torch").einsum(
            "ij,kj,kl->il", m.honest(x), m.honest(x), m.honest(x)
        )
    ),
    ODD,
    "m.pt2",
)
line = lambda: make_pipeline(StandardScaler(), LogisticRegression())  # noqa: E731
NINTH.file(
    "estimator9_columns_that_are_commands",
    fitted(
        line, lambda p: put(feature_names_in_=np.array(["$(id)"] * p.n_features_in_, object))(p[0])
    ),
    ANY,
    "m.joblib",
)
NINTH.file(
    "estimator9_threshold_in_front",
    fitted(lambda: make_pipeline(Binarizer(threshold=0.97), GaussianNB()), lambda _: None),
    ODD,
    "m.joblib",
)
NINTH.file(
    "estimator9_classes_turned",
    fitted(GaussianNB, lambda m: put(classes_=m.classes_[::-1].copy())(m)),
    ODD,
    "m.joblib",
)
