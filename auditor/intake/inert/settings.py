"""Texts that are no prose and no table: from most of them some tool takes commands.

Purpose: what a text is for is told by an allow-list of endings and names; a hidden file, an unknown
ending, and keys under which tools expect commands are named, never passed.
Limits: a known ending (``.json``, ``.yaml``, ``.txt``) with unknown keys is data here.
"""

from __future__ import annotations

import re
from typing import Any

from auditor.intake.inert.log import Log, shown
from auditor.intake.words import words

_ENDINGS = words(
    """md markdown txt rst bib cff csv log tsv json jsonl yaml yml toml jinja jinja2 j2 vocab
    merges bpe license licence map labels names lst"""
)
_NAMES = re.compile(
    r"(README|LICEN[CS]E|COPYING|NOTICE|AUTHORS|CONTRIBUTORS|CHANGELOG|CHANGES|CITATION|MODEL_CARD|VERSION"
    r"|SHA256SUMS|MD5SUMS|MLmodel|vocab|merges|labels|classes|version|byteorder)([._-].*)?", re.I
)  # fmt: skip
_HIDDEN = words(".gitattributes .gitignore .gitkeep .keep .DS_Store .huggingface")
_LFS_LINE = re.compile(
    r"\s*(#.*)?|\S+(\s+(filter=lfs|diff=lfs|merge=lfs|-?text(=auto)?|eol=\w+|-?binary|-?diff))+"
)
_COMMANDS = words(
    """command commands cmd cmds entrypoint entry exec execstart script scripts postcreatecommand
    poststartcommand postattachcommand initializecommand mcpservers custom_ops_library script-shell
    venvpath loader_module prelaunchtask handler argv tasks preload build-system build-backend
    serverapp notebookapp hostpid post_install pre_install custom_imports"""
)
_YAML_COMMANDS = _COMMANDS | words(
    """run runs image build repos stages services service predict steps jobs hooks backend handler
    hosts apiversion playbook"""
)
_YAML_KEY = re.compile(r"^[ \t-]{0,200}+[\"']?([A-Za-z_-]{2,40})[\"']?[ \t]*:", re.M)
_FETCHES = re.compile(
    r"^[ \t-]{0,80}(--?(extra-)?index-url|-i\b|--find-links|git\+|https?://"
    r"|[\w.\[\]-]{1,80} @ (git\+|https?:|file:)).*",
    re.M,
)
_MADE = re.compile(
    r"^[ \t-]{0,80}(?:name|class|cls|__cls__|module|type|function|callback|plugin"
    r"|transform)[ \t]{0,9}:"
    r"[ \t]{0,9}"
    r"[\"']?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+[\"']?[ \t]{0,9}$"
    r"|^[ \t]{0,80}-[ \t]{1,9}[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+[ \t]{0,9}:"
    r"|\btrust_remote_code[ \t]{0,9}:[ \t]{0,9}true|^[ \t]{0,80}download[ \t]{0,9}:[ \t]{0,9}[|>]"
    r"|^[ \t]{0,80}(?:main_training_function|command_file|script_url)[ \t]{0,9}:",
    re.M | re.I,
)
"""What a library imports or runs by a name in YAML."""
_CLIMBS = re.compile(
    r":[ \t]{1,9}[\"']?(?:~/|/(?:etc|proc|dev|root|sys)/|\.\./[^\n]{0,80}\.(?:pyc?|so|pkl|sh)\b)"
)
_ANCHOR, _ALIAS = re.compile(r"[:\-\s\[,]&\w+"), re.compile(r"[:\-\s\[,]\*\w+")
_PIPED = re.compile(r"\b(curl|wget|iwr|invoke-webrequest)\b[^\n]{0,200}\|\s*(ba|z|da|k)?sh\b", re.I)
_TURNED = re.compile(
    r"[\u202a-\u202e\u2066-\u2069]|(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0020-\U000e007e]|[\u0300-\u036f]{9}|[\U000e0100-\U000e01ef\ufe00-\ufe0e]{4}"
    r"|[\u200b-\u200d\u2060\u2062-\u2064]{8}"
)
ACTIVE = re.compile(r"<(script|iframe|object|embed)\b|\bon(error|load|click)\s*=|javascript:", re.I)
_ESCAPED = re.compile(r"\\u00[01][0-9a-f]|\\x[01][0-9a-f]|\\e\[|\\u202[a-e]", re.I)
_CARD_CODE = re.compile(
    r"^[ \t]{0,40}+(arch|factory)[ \t]{0,40}+=[ \t]{0,40}+[\"'][^\"'\n:(/]{0,200}+[:(/]", re.M
)
_CARD_FILE = re.compile(r"^[ \t]{0,40}+(\w{0,20}(?:file|path|dir|url))\w{0,20}[ \t]{0,40}+=", re.M)


def hidden(name: str, text: str, log: Log) -> str:
    """Format of a file that is hidden or lies in a hidden folder; empty if it is neither."""
    *folders, base = name.split("/")
    found = next((part for part in folders if part.startswith(".") and part != "."), "")
    if base == ".gitattributes" and not found:
        if not all(map(_LFS_LINE.fullmatch, text.splitlines())):
            what = "attributes from which git takes commands"
            log.add("not_audited", "text.program", what, None, base)
        return "settings of a tool"
    if name.startswith((".cache/huggingface/", ".huggingface/")):
        return ""
    if not found and (not base.startswith(".") or base in _HIDDEN):
        return ""
    what = f"a hidden file, {shown(name)!r}, from which a tool may take commands"
    log.add("not_audited", "text.program", what, None, name)
    return "settings of a tool"


def purpose(base: str, log: Log) -> str:
    """Format of a text whose name does not tell what it is for; empty if it does."""
    ending = base.rpartition(".")[2].lower() if "." in base else ""
    if ending in _ENDINGS or base in _HIDDEN or _NAMES.fullmatch(base):
        return ""
    what = f"{shown(base)!r} is a text of no known purpose; a tool may take commands from it"
    log.add("not_audited", "text.purpose", what, None, base)
    return "text"


_STEMS = words(
    """config configs configuration settings setting hparams params param parameters hyperparameters
    hyper args arguments options training train trainer trained state states results result metrics
    metric scores score eval evaluation validation val test data dataset datasets info infos labels
    label classes class id2label label2id names vocab vocabulary merges tokenizer tokens token
    generation preprocessor preprocessing processor extractor feature features adapter lora model
    models index modules bert sentence transformers pooling scheduler scheduling optimizer
    quantize quantization quant default card opt history log logs schema metadata meta weights
    checkpoint inference experiment wandb summary version onnx mapping map stats statistics norm
    normalization summaries prompts prompt template templates chat hyp hydra overrides mlflow
    signature
    input output example examples sample samples citation license notes readme report benchmark
    environment conda env requirements network net cnn mlp vit resnet unet yolo gpt llama
    digits mnist
    cifar imagenet audio video image images vision text language speech language-model base dense
    files file entities annotations categories taxonomy synsets wordnet calibration thresholds
    normalizer special added scaler encoder decoder transformer diffusion vae controlnet"""
)
"""Words in the names of honest settings; one of them is enough."""
_SETTINGS = re.compile(r"(.+)\.(json|ya?ml|toml)", re.I)
_WORD = re.compile(r"[A-Za-z]+2[A-Za-z]+|[A-Z]?[a-z]+|[A-Z]+")


def stem(base: str, log: Log) -> None:
    """Settings whose name does not say that they are a model's; a tool may know it."""
    found = _SETTINGS.fullmatch(base)
    if not found or {word.lower() for word in _WORD.findall(found[1])} & _STEMS:
        return
    what = f"{shown(base)!r} are settings of no known purpose; a tool may take commands from them"
    log.add("not_audited", "text.purpose", what, None, base)


def prose(text: str, base: str, log: Log) -> None:
    """Notes that show something else than they say."""
    if not is_table(base) and (found := _TURNED.search(text)):
        what = f"{shown(base)!r} has characters that turn or hide the text ({ord(found[0][0]):#x})"
        log.add("suspicious", "text.hidden", what, found.start(), base)
    active(text, base, log)
    readme = base.upper().startswith("README") or base.endswith(".md")
    if not readme and (found := _PIPED.search(text)):
        what = f"{shown(base)!r} says {shown(found[0], 60)!r}"
        log.add("suspicious", "text.command", what, None, base)


def is_table(base: str) -> bool:
    """Lists of words, in which any character may be meant."""
    return base.lower().startswith(("vocab", "merges", "token")) or ".json" in base


def active(text: str, base: str, log: Log) -> None:
    """What a browser would run, in a text that is no list of tokens."""
    tokens = base.lower().startswith(("vocab", "merges", "token", "added_tokens", "special_tokens"))
    if not tokens and (found := ACTIVE.search(text)):
        what = f"{shown(base)!r} holds what a browser would run: {shown(found[0], 40)!r}"
        log.add("suspicious", "text.active", what, None, base)


def yaml(text: str, base: str, log: Log) -> None:
    """Keys of commands, sources of packages, and aliases that grow."""
    keys = {key.lower() for key in _YAML_KEY.findall(text)} & _YAML_COMMANDS
    if keys and base != "MLmodel" and not base.upper().startswith("README"):
        what = f"{shown(base)!r} has the key {min(keys)!r}, under which tools take commands"
        log.add("not_audited", "config.command", what, None, min(keys))
    if found := _FETCHES.search(text):
        what = f"{shown(base)!r} fetches packages from elsewhere: {shown(found[0].strip(), 60)!r}"
        log.add("suspicious", "text.packages", what, None, base)
    if base.endswith((".yaml", ".yml")) and (found := _MADE.search(text)):
        what = f"{shown(base)!r} names what a library would import: {shown(found[0].strip(), 60)!r}"
        log.add("not_audited", "config.target", what, None, base)
    if found := _CLIMBS.search(text):
        path = shown(found[0][1:].strip(), 60)
        what = f"{shown(base)!r} names a file outside the delivery: {path!r}"
        log.add("suspicious", "config.path", what, None, base)
    if len(_ANCHOR.findall(text)) > 4 and len(_ALIAS.findall(text)) > 40:
        what = f"{shown(base)!r} repeats itself by aliases, which can grow without end"
        log.add("not_audited", "text.yaml", what, None, "alias")


def keys(entry: dict[str, Any], base: str, log: Log) -> None:
    """Keys of a JSON object under which tools take commands."""
    for key, value in entry.items():
        if key.lower() in _COMMANDS and value:
            what = f"{shown(base)!r} has the key {shown(key)!r}, under which tools take commands"
            log.add("not_audited", "config.command", what, None, key)
        if key in ("script_url", "constructor") or (key == "requirements" and " @ " in str(value)):
            what = f"{shown(base)!r} has the key {shown(key)!r}, which leads to code elsewhere"
            log.add("not_audited", "config.key", what, None, key)
        if key.startswith("__") and key.endswith("__") and key not in _OWN:
            what = f"{shown(base)!r} has the key {shown(key)!r}, a name of Python's own"
            log.add("not_audited", "config.key", what, None, key)


_OWN = words("__metadata__ __version__ __comment__ __type__ __class__ __module__ __loader__ __id__")


def card(text: str, base: str, log: Log) -> None:
    """A card is small, in plain text, and names an architecture of ours."""
    if len(text) > 256 << 10:
        log.add("not_audited", "card.size", "the card is longer than 256 KiB", None, base)
    if _ESCAPED.search(text):
        what = "the card writes characters that do not show"
        log.add("suspicious", "card.text", what, None, base)
    if found := _CARD_CODE.search(text):
        what = f"the card asks for code of its own: {shown(found[0].strip(), 80)!r}"
        log.add("not_audited", "card.code", what, None, "arch")
    if found := _CARD_FILE.search(text):
        what = f"the card has the key {shown(found[1])!r}; it cannot name other files"
        log.add("suspicious", "card.key", what, None, found[1])
