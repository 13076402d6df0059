"""Numbers of settings that turn, drown or drop a signal, and labels that are told in two orders.

Purpose: what is added to a variance is small and positive, a factor of a signal is positive, a
chance lies in 0 to 1, and neither a text nor a picture is cut to next to nothing. Names of classes
agree with their numbers.
Source: settings of transformers (Granite, Gemma 2, Cohere, Falcon-H1, DeepSeek, MiniCPM), of its
generation, image processors and feature extractors, of tokenizers and of PEFT.
Limits: the ranges are wide; a number inside them is not measured here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf
from typing import Any, TypeGuard

from auditor.intake.inert.log import Log, shown

_LEAST, _MOST = 1e-6, 1e6
_NARROW = 1e-3
"""A picture in 0 to 1 whose numbers spread less is one colour."""
_RANGES: tuple[tuple[str, float, float, str], ...] = (
    (r"(layer|rms|batch|group)_?(norm)?\w*_eps(ilon)?", 0, 1, "adds {} to a variance"),
    (r"logit_scale|logits_scaling|(embedding|residual|attention|lm_head|key|ssm_in|ssm_out)_multiplier"
     r"|(final|attn)_logit_softcapping|rescale_factor|routed_scaling_factor|scale_(emb|depth)"
     r"|query_pre_attn_scalar|logit_scale_init_value|lora_alpha",
     _LEAST, _MOST, "multiplies or bounds a signal by {}"),
    (r"rope_theta", 1, 1e12, "turns places by the base {}"),
    (r"(\w+_)?dropout(_prob|_rate|_p)?|(top|typical|min)_p", 0, 1, "is the chance {}"),
    (r"temperature", 0, _MOST, "is {}: below zero what is least likely is said"),
    (r"guidance_scale", 0, _MOST, "leads an answer by {}"),
    (r"repetition_penalty", 0.1, 10, "divides what was said by {}"),
    (r"num_(beams|beam_groups|return_sequences)|Fixed", 0, 1e5, "asks for {} at once"),
    (r"max_new_tokens", 1, 1e31, "cuts a text to {} words"),
    (r"model_max_length", 4, 1e31, "cuts a text to {} words"),
    (r"sampling_rate|n_fft|hop_length", 1, _MOST, "measures sounds by {}"),
)  # fmt: skip
"""Keys, the range in which a library computes what they promise, and what a number does."""
_KNOWN = tuple((re.compile(keys), least, most, does) for keys, least, most, does in _RANGES)
_SPREAD = {"image_std": (_NARROW, _MOST), "image_mean": (-1e3, 1e3)}
_SIDE = {"height": (4, 1e5), "width": (4, 1e5), "shortest_edge": (4, 1e9), "longest_edge": (4, 1e9)}
_EXPERTS = ("num_local_experts", "n_routed_experts", "num_experts")


def look(entry: dict[str, Any], log: Log) -> None:
    """Name what one object of a JSON document sets to no such number."""
    for key, what in (*_numbers(entry), *_together(entry), *_labels(entry)):
        log.add("suspicious", "config.number", what, None, key)


def _is_number(value: object) -> TypeGuard[float]:
    return type(value) in (int, float)


def _numbers(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, number in entry.items():
        for pattern, least, most, does in _KNOWN if _is_number(number) else ():
            if pattern.fullmatch(key) and not least <= number <= most:
                yield key, f"{shown(key, 60)} {does.format(f'{number:g}')}"
    for key, (low, high) in _SPREAD.items():
        spread = entry.get(key)
        for number in spread if isinstance(spread, list) else [spread]:
            if _is_number(number) and not low <= number <= high:
                yield key, f"{key} divides or moves pictures by {number:g}"


def _together(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Numbers that mean something beside others, or under a key."""
    for key in ("size", "crop_size"):
        sides = entry[key].items() if isinstance(entry.get(key), dict) else ()
        for side, number in sides:
            low, high = _SIDE.get(side, (-inf, inf))
            if _is_number(number) and not low <= number <= high:
                yield key, f"pictures have the {side} {number:g}"
    patterns = entry.get("alpha_pattern")
    for number in patterns.values() if isinstance(patterns, dict) else ():
        if _is_number(number) and not _LEAST <= number <= _MOST:
            yield "alpha_pattern", f"alpha_pattern multiplies a signal by {number:g}"
    factor = entry.get("factor") if {"type", "rope_type"} & {*entry} else None
    if _is_number(factor) and not _LEAST <= factor <= _MOST:
        yield "factor", f"places are stretched by {factor:g}"
    if entry.get("num_experts_per_tok") == 0 and any(entry.get(key) for key in _EXPERTS):
        yield "num_experts_per_tok", "there are experts, of which none is asked"
    window = entry.get("sliding_window")
    if type(window) is int and 0 < window < 4 and entry.get("use_sliding_window", True):
        yield "sliding_window", f"a word sees {window} words"
    if (
        {"strategy", "stride"} <= {*entry}
        and _is_number(cut := entry.get("max_length"))
        and cut < 4
    ):
        yield "max_length", f"the tokenizer cuts a text to {cut:g} words"
    stops = entry.get("stop_strings")
    for stop in stops if isinstance(stops, list) else ():
        if isinstance(stop, str) and re.fullmatch(r"[a-z]{1,12}|[ ]?", stop):
            yield "stop_strings", f"an answer stops at {shown(stop, 40)!r}, which texts hold"


def _labels(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A label that both tables know has the same number in both."""
    names, numbers = entry.get("id2label"), entry.get("label2id")
    count = entry.get("num_labels")
    if isinstance(names, dict) and type(count) is int and count != len(names):
        yield "num_labels", f"{len(names)} labels have names and {count} are told"
    for part in entry.values():
        inner = part.get("id2label") if isinstance(part, dict) else None
        if isinstance(names, dict) and isinstance(inner, dict) and _turned(names, inner):
            yield "id2label", "a part of the settings tells the same labels in another order"
    if not isinstance(names, dict) or not isinstance(numbers, dict):
        return
    known = {label for label in names.values() if isinstance(label, str)}
    for label, number in numbers.items():
        if label in known and type(number) is int and names.get(str(number), label) != label:
            told = f"the label {shown(label, 40)!r} has the number {number}"
            yield "label2id", f"{told}, which is that of {shown(names[str(number)], 40)!r}"
            return


def _turned(names: dict[str, Any], inner: dict[str, Any]) -> bool:
    """Whether two tables have the same labels under other numbers."""
    return names != inner and sorted(map(str, names.values())) == sorted(map(str, inner.values()))
