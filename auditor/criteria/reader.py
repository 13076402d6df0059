"""Small YAML and TOML files from users, read as plain data, with the line of each mistake.

Purpose: a catalogue, policy or questionnaire is somebody's file. Only plain types are built,
repeated keys and YAML aliases are refused (a repeated key hides a limit; nested aliases blow a
small file up), and the size is limited.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from auditor.core.errors import AuditorError

MAX_BYTES = 1 << 20
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Source:
    """A file that was read: its name, its text and the mapping in it."""

    name: str
    text: str
    data: dict[str, Any]

    def at(self, *keys: object) -> str:
        """Where a mistake is, as ``file, line n``; the file alone where the line is unknown.

        >>> Source("a.toml", 'x = 1\\n[t]\\ny = 2\\n', {}).at("t", "y")
        'a.toml, line 3'
        """
        line = 0 if not keys else (self._in_yaml(keys) or self._in_text(keys))
        return f"{self.name}, line {line}" if line else self.name

    def _in_yaml(self, keys: Sequence[object]) -> int:
        """Line of the key at the end of a path, or of the last part of it that is there."""
        if self.name.lower().endswith(".toml"):
            return 0
        node: yaml.Node | None = yaml.compose(self.text, Loader=_PlainLoader)
        line = 0
        for key in keys:
            found = _child(node, key)
            if found is None:
                break
            line, node = found
        return line

    def _in_text(self, keys: Sequence[object]) -> int:
        """The first line, in order, in which each key of a path occurs as a key."""
        lines = self.text.splitlines()
        at, best = 0, 0
        for key in keys:
            word = re.compile(rf"""(^|[\s.,{{\["'])({re.escape(str(key))})(["']?\s*(=|\]|\.))""")
            hit = next((n for n in range(at, len(lines)) if word.search(lines[n])), None)
            if hit is not None:
                at, best = hit, hit + 1
        return best

    def line_with(self, word: str) -> str:
        """The file and the first line that holds a word, such as a criterion's id."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if word and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", line):
                return f"{self.name}, line {number}"
        return self.name


def _child(node: yaml.Node | None, key: object) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line + 1, node.value[key]
    return None


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader without aliases and repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for number, key in enumerate(keys):
            if not isinstance(key, str | int):
                raise yaml.YAMLError(f"the key {key!r} is neither a word nor a number")
            if key in keys[:number]:
                line = node.value[number][0].start_mark.line + 1
                raise yaml.YAMLError(f"line {line}: the key {key!r} is given twice")
        return super().construct_mapping(node, deep)


def read(path: Path) -> dict[str, Any]:
    """The mapping in a YAML or TOML file.

    Raises:
        AuditorError: missing, too large, malformed, or not a mapping.
    """
    return read_source(path).data


def read_source(path: Path) -> Source:
    """The same, with the text it was read from.

    Raises:
        AuditorError: missing, too large, malformed, or not a mapping.
    """
    text = _text(path)
    try:
        data = _parse(text, path.suffix.lower())
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        line = " ".join(str(error).split())[:300]
        raise AuditorError(f"{path} is not well formed: {line}.", "Correct it.") from error
    if not isinstance(data, dict):
        raise AuditorError(f"{path} does not hold keys and values.", "See docs/criteria.md.")
    return Source(path.name, text, data)


def _parse(text: str, suffix: str) -> Any:
    return tomllib.loads(text) if suffix == ".toml" else yaml.load(text, Loader=_PlainLoader)


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


def validate(model: type[T], data: Any, source: str | Source) -> T:
    """``data`` as a value of ``model``; the first mistake becomes one sentence, with its line."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        at = source.at(*first["loc"]) if isinstance(source, Source) else source
        message = f"{at}: {_place(data, first['loc'])}: {first['msg']}."
        raise AuditorError(message, "See docs/policies.md.") from error


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
