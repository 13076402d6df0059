"""Lists of packages for pip: a line names a package and its versions, or is a comment.

Source: PEP 508; pip's own requirements file format, whose options and paths are not taken.
"""

from __future__ import annotations

import re

from auditor.intake.inert.log import Log, shown
from auditor.intake.words import words

NAMED = re.compile(r"(requirements|constraints)[\w.-]*\.txt", re.I)
_VERSION = r"(?:===?|~=|!=|<=?|>=?)\s{0,4}[\w.*+!-]{1,60}"
_LINE = re.compile(
    r"\s*(#.*)?|\s*[A-Za-z0-9][\w.-]{0,100}\s{0,4}(\[[\w.,\s-]{0,200}\])?"
    rf"\s{{0,4}}\(?\s{{0,4}}({_VERSION}(\s{{0,4}},\s{{0,4}}{_VERSION}){{0,10}})?\s{{0,4}}\)?"
    r"\s*(;[\w\s.'\"<>=!()~-]{1,300})?(\s#.*|\s*)"
)


_COMMON = words(
    """torch torchvision torchaudio numpy scipy pandas scikit-learn transformers tokenizers datasets
    diffusers accelerate safetensors requests urllib3 setuptools pillow matplotlib tensorflow keras
    onnx onnxruntime sentencepiece huggingface-hub protobuf fastapi uvicorn gradio streamlit
    pydantic
    opencv-python
    bitsandbytes langchain openai lightning pytorch-lightning joblib"""
)
_NAME = re.compile(r"\s{0,40}([A-Za-z0-9][\w.-]{0,100})")


def _mistyped(name: str) -> str:
    """The common package of which two letters changed places or a digit stands for one.

    >>> _mistyped("torhc"), _mistyped("0nnx"), _mistyped("torch")
    ('torch', 'onnx', '')
    """
    name = name.lower().replace("_", "-")
    if name in _COMMON:
        return ""
    turned = {name[:n] + name[n + 1] + name[n] + name[n + 2 :] for n in range(len(name) - 1)}
    turned |= {name.replace("0", "o"), name.replace("1", "l"), name.replace("1", "i")}
    return min(turned & _COMMON, default="")


def look(text: str, base: str, log: Log) -> None:
    """The first line that is more than a package and its versions."""
    line = next((line for line in text.splitlines() if not _LINE.fullmatch(line)), None)
    if line is not None:
        what = f"{shown(base)!r} has a line that is no plain package: {shown(line.strip(), 60)!r}"
        log.add("not_audited", "text.packages", what, None, base)
    for found in filter(None, map(_NAME.match, text.splitlines())):
        if meant := _mistyped(found[1]):
            what = f"{shown(base)!r} names {shown(found[1], 60)!r}, which is nearly {meant!r}"
            log.add("suspicious", "text.packages", what, None, found[1])
