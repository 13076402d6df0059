"""Small YAML and TOML files from users, read as plain data.

Purpose: a catalogue or policy is somebody's file. Only plain types are built, repeated keys and
YAML aliases are refused (a repeated key hides a limit; nested aliases blow a small file up), and
the size is limited.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from auditor.core.errors import AuditorError

MAX_BYTES = 1 << 20
T = TypeVar("T", bound=BaseModel)


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader without aliases and repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if not isinstance(key, str | int):
                raise yaml.YAMLError(f"the key {key!r} is neither a word nor a number")
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise yaml.YAMLError(f"the key {twice!r} is given twice")
        return super().construct_mapping(node, deep)


def read(path: Path) -> dict[str, Any]:
    """The mapping in a YAML or TOML file.

    Raises:
        AuditorError: missing, too large, malformed, or not a mapping.
    """
    text = _text(path)
    try:
        if path.suffix.lower() == ".toml":
            return tomllib.loads(text)
        data = yaml.load(text, Loader=_PlainLoader)
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        line = " ".join(str(error).split())[:300]
        raise AuditorError(f"{path} is not well formed: {line}.", "Correct it.") from error
    if not isinstance(data, dict):
        raise AuditorError(f"{path} does not hold keys and values.", "See docs/criteria.md.")
    return data


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise AuditorError(f"{path} is larger than {MAX_BYTES} bytes.", "Is it the right file?")
        return data.decode()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise AuditorError(message, "Check the path.") from error
    except UnicodeDecodeError as error:
        raise AuditorError(f"{path} is not UTF-8 text.", "Is it the right file?") from error


def validate(model: type[T], data: Any, source: str) -> T:
    """``data`` as a value of ``model``; the first mistake becomes one sentence."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = _place(data, first["loc"])
        message = f"{source}: {where}: {first['msg']}."
        raise AuditorError(message, "See docs/criteria.md.") from error


def _place(data: Any, loc: tuple[int | str, ...]) -> str:
    """Path to a mistake, with a criterion's id instead of its number."""
    words: list[str] = []
    for key in loc:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            data = None
        named = isinstance(key, int) and isinstance(data, dict) and "id" in data
        words.append(str(data["id"]) if named else str(key))
    return ".".join(words) or "the file"
