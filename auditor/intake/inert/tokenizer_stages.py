"""The stages of a tokenizer: what changes a text before the model reads it, and its answer after.

Purpose: a decoder that exchanges words turns a safe answer into another one, and a template may put
words before every question. Kinds of stages come from the list of the library; letters, ends and
marks are changed only as published tokenizers do it.
Source: the kinds of Hugging Face's tokenizers 0.21.
Limits: what a vocabulary calls a word is believed; a map of letters is known by its form alone.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

from auditor.intake.inert.log import Log, shown
from auditor.intake.words import words

_STAGES = ("normalizer", "pre_tokenizer", "post_processor", "decoder", "model")
_KINDS = words(
    """Sequence BertNormalizer Lowercase Nmt NFC NFD NFKC NFKD Precompiled Prepend Replace Strip
    StripAccents ByteLevel BertPreTokenizer CharDelimiterSplit Digits Metaspace Punctuation Split
    UnicodeScripts Whitespace WhitespaceSplit FixedLength RandomChunkSplit BertProcessing
    RobertaProcessing TemplateProcessing BPEDecoder ByteFallback CTC Fuse WordPiece BPE Unigram
    WordLevel"""
)
_ESCAPED = re.compile(r"\\.|\[[^\]]*\]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SPACES = (" ", "\u2581")
_SMALLEST = 1024
"""Bytes of a map of letters; SentencePiece's own ones have some hundred thousand."""


def look(document: dict[str, Any], log: Log) -> None:
    """One object of JSON, if it is a whole tokenizer."""
    if not {"model", "decoder", "pre_tokenizer"} <= document.keys():
        return
    for stage in _stages([document.get(name) for name in _STAGES]):
        kind = stage.get("type")
        if kind not in _KINDS:
            what = f"the tokenizer has a stage {shown(kind, 60)}, which is not known"
            log.add("not_audited", "config.tokenizer", what, None, str(kind))
        for what in _odd(stage):
            log.add("suspicious", "config.replace", f"the tokenizer {what}", None, str(kind))
    for what in _added(document):
        log.add("suspicious", "config.replace", f"the tokenizer {what}", None, "added_tokens")


def _stages(todo: list[Any]) -> Iterator[dict[str, Any]]:
    while todo:
        stage = todo.pop()
        if isinstance(stage, dict):
            yield stage
            for key in ("normalizers", "pretokenizers", "processors", "decoders"):
                todo += stage[key] if isinstance(stage.get(key), list) else []


def _odd(stage: dict[str, Any]) -> Iterator[str]:
    """What one stage does that published ones do not."""
    pattern = stage.get("pattern")
    told = pattern if isinstance(pattern, dict) else {}
    regex, text = _ESCAPED.sub(" ", str(told.get("Regex", ""))), str(told.get("String", ""))
    content, kind = stage.get("content"), stage.get("type")
    if kind == "Replace" and (_WORD.search(regex) or _WORD.search(str(content))):
        yield f"reads {shown(told, 60)} as {shown(content, 40)!r}"
    if kind == "Split" and (
        _WORD.search(text) or re.search(r"\\[1-9]", str(told.get("Regex", "")))
    ):
        yield f"cuts at {shown(told, 60)}"
    if kind == "Metaspace" and stage.get("replacement") not in _SPACES:
        yield f"writes {shown(stage.get('replacement'), 40)!r} for a space"
    if kind == "Strip" and content is not None and content not in _SPACES:
        yield f"cuts {shown(content, 40)!r} off its answers"
    if kind == "Precompiled" and not _is_map(stage.get("precompiled_charsmap")):
        yield "has a map of letters that is none"
    if kind == "BPE" and stage.get("dropout"):
        yield "leaves words out by chance"
    vocabulary = stage.get("vocab")
    if isinstance(vocabulary, dict):
        below = [word for word, number in vocabulary.items() if type(number) is int and number < 0]
        if below:
            yield f"numbers the word {shown(below[0], 40)!r} below zero"


def _is_map(text: object) -> bool:
    """Whether letters lie behind a tree whose size is told first; an empty one changes nothing."""
    if not text:
        return True
    try:
        raw = base64.b64decode(str(text), validate=True)
    except ValueError:
        return False
    size = int.from_bytes(raw[:4], "little")
    return len(raw) >= _SMALLEST and size % 4 == 0 and 0 < size < len(raw)


def _added(document: dict[str, Any]) -> Iterator[str]:
    """Words beside the vocabulary, and what a template puts around a text."""
    listed = document.get("added_tokens")
    added = [t for t in listed if isinstance(t, dict)] if isinstance(listed, list) else []
    model = document.get("model")
    vocabulary = model.get("vocab") if isinstance(model, dict) else None
    known = vocabulary if isinstance(vocabulary, dict) else {}
    for token in added:
        text = token.get("content")
        if not text or not isinstance(text, str):
            yield "adds a word of no letters"
        elif known.get(text, token.get("id")) != token.get("id"):
            yield f"gives the word {shown(text, 40)!r} another number than its vocabulary"
        elif token.get("special") and text.isalpha() and text.islower() and text.isascii():
            yield f"takes the word {shown(text, 40)!r} for a mark of its own"
    special = {token.get("content") for token in added if token.get("special")}
    processor = document.get("post_processor")
    for stage in _stages([processor]):
        around = stage.get("special_tokens")
        if stage.get("type") == "TemplateProcessing" and isinstance(around, dict):
            yield from (
                f"puts the word {shown(word, 40)!r} around every text"
                for word in around
                if word not in special and _WORD.fullmatch(word)
            )
