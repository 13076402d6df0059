"""Chat templates, token by token: what a template of messages needs, and nothing else.

Purpose: a template is a program that runs with every request. Its names, filters, tests, methods
and statements come from lists; words put together by arithmetic, conditions on what a message says
and endless loops are odd; what leads to Python's insides would run.
Source: Jinja's grammar (3.1), and the templates that models of 2023 to 2026 carry; attacks after
CVE-2024-34359 and "Inference-Time Backdoors via Hidden Instructions in LLM Chat Templates" (2026).
Limits: a list of words, not a parser; instructions in plain words between the marks are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from auditor.core.scan import Level
from auditor.intake.inert import template_facts, template_words
from auditor.intake.inert.log import Log, shown
from auditor.intake.words import words

LONGEST = 200_000
_MARKS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_TOKEN = re.compile(
    r"(?P<text>'(?:\\.|[^'\\]){0,5000}+'|\"(?:\\.|[^\"\\]){0,5000}+\")|(?P<number>\d[\d_]*(\.\d+)?)"
    r"|(?P<name>[^\W\d]\w*)|(?P<mark>\*\*|//|==|!=|<=|>=|[-+*/%~|.,:()\[\]{}=<>])|\s+", re.S
)  # fmt: skip
_STATEMENTS = words(
    """for endfor if elif else endif set endset macro endmacro generation endgeneration break
    continue raw endraw with endwith filter endfilter do"""
)
_FILTERS = words(
    """trim tojson length count upper lower title capitalize join list first last map select
    selectattr reject rejectattr default d string int float safe items dictsort sort unique indent
    round abs min max sum escape e batch slice replace reverse from_json"""
)
_TESTS = words(
    """defined undefined none string mapping iterable sequence number integer float boolean true
    false odd even equalto eq in not divisibleby lower upper None"""
)
_CALLED = words(
    """raise_exception strftime_now namespace range dict strip lstrip rstrip upper lower title
    capitalize split rsplit splitlines startswith endswith replace items keys values get append
    pop join find count index update insert extend isdigit isalpha tojson from_json loop"""
)
_STRANGERS = words(
    """request config self g session cycler joiner lipsum url_for get_flashed_messages application
    popen getattr globals builtins os sys subprocess eval exec open import environ context"""
)
_INNER = re.compile(r"_.*|(gi|func|cr|ag|f|tb|co|im)_\w+|mro|format|format_map|func")
_WORD = re.compile(r"[^\W\d_]")
_MARKUP = re.compile(r"[<>\[\]{}|#\\/_:▁]|\A\s*\Z")
_LARGE = 1_000_000
_TURNS = 3
"""Honest templates ask for the first message, the second, and every other one."""
_BUILDING = frozenset("~+*%|(,[")
Token = tuple[str, str]


def look(text: str, base: str, log: Log) -> None:
    """Name what in a template has no place there; the worst of each kind once."""
    if len(text) > LONGEST:
        log.add("not_audited", "config.template", "a template of absurd length", None, base)
        return
    made: set[str] = set()
    spoken: set[str] = {"content"}
    own: set[str] = set()
    blocks = [(kind, [*_tokens(body)]) for kind, body in _blocks(text)]
    macros = {tokens[1][1]: tokens[2:] for _, tokens in blocks if _is_macro(tokens)}
    days = set(template_words.days(tokens for _, tokens in blocks))
    spoken |= set(template_words.captured(tokens for _, tokens in blocks))
    spoken |= set(template_facts.told(tokens for _, tokens in blocks))
    if found := template_facts.OTHER.search(text):
        what = f"the template has marks of another language, {shown(found[0], 60)!r}"
        log.add("suspicious", "config.template", what, None, base)
    if found := template_words.SENT.search(text):
        what = f"the template writes a message into an address, {shown(found[0], 60)!r}"
        log.add("suspicious", "config.template", what, None, base)
    for _, tokens in blocks * 2:  # a macro is told at a later call what it asks about
        made.update(_made(tokens))
        spoken.update(_spoken(tokens, spoken), _told(tokens, macros, spoken))
        own.update(_own(tokens))
    if what := _open(
        text, [tokens[0][1] for kind, tokens in blocks if kind == "statement" and tokens]
    ):
        log.add("not_audited", "config.template", f"the template {what}", None, base)
    for kind, tokens in blocks:
        for level, what, name in (
            *_words(kind, tokens, made), *_subscripts(tokens), *_conditions(tokens, spoken),
            *_changes(tokens, own), *template_words.look(tokens, spoken, days),
            *template_facts.look(tokens, spoken),
        ):  # fmt: skip
            log.add(level, "config.template", f"the template {what}", None, f"{base} {name}")


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """What stands between marks, in one pass."""
    at, missing = text.find("{"), set[str]()
    while at >= 0:
        opened = text[at : at + 2]
        end = text.find(_MARKS[opened], at + 2) if opened in _MARKS.keys() - missing else -1
        if end < 0:
            missing.add(opened)
            at = text.find("{", at + 1)
            continue
        if opened != "{#":
            kind = "statement" if opened == "{%" else "value"
            yield kind, text[at + 2 : end].strip().strip("-+").strip()
        at = text.find("{", end + 2)


def _tokens(body: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(body):
        if found.lastgroup:
            yield found.lastgroup, found[0]


def _made(tokens: list[Token]) -> Iterator[str]:
    """Macros that the template defines."""
    for before, (kind, value) in pairwise(tokens):
        if kind == "name" and before[1] == "macro":
            yield value


def _is_macro(tokens: list[Token]) -> bool:
    return len(tokens) > 1 and tokens[0][1] == "macro"


def _told(tokens: list[Token], macros: dict[str, list[Token]], known: set[str]) -> Iterator[str]:
    """Parameters of macros that are called with what a message says."""
    for at, (kind, value) in enumerate(tokens[1:], 1):
        if kind == "name" and value in macros and tokens[0][1] != "macro":
            inside = {text for _, text in tokens[at + 1 :]}
            if inside & known or any("content" in text for text in inside):
                yield from (text for sort, text in macros[value] if sort == "name")
    if tokens and tokens[0][1] in macros:
        yield from _told([("mark", ""), *tokens], macros, known)


_PAIRS = words("for if macro filter with raw generation call block")


def _open(text: str, statements: list[str]) -> str:
    """What is left open; no loader takes such a template."""
    for word in sorted(_PAIRS):
        if statements.count(word) != statements.count(f"end{word}") and "raw" not in statements:
            return f"opens {word!r} another number of times than it closes it"
    return "does not end" if text.rfind("{%") > text.rfind("%}") else ""


Found = tuple[Level, str, str]


def _words(kind: str, tokens: list[Token], made: set[str]) -> Iterator[Found]:
    """Statements, filters, tests, methods and numbers outside the lists."""
    if kind == "statement" and ("name", "recursive") in tokens:
        yield "not_audited", "has a loop that calls itself", "recursive"
    if kind == "statement" and tokens and tokens[0][1] not in _STATEMENTS:
        yield "not_audited", f"has the statement {shown(tokens[0][1], 40)!r}", tokens[0][1]
    padded = [("mark", ""), *tokens, ("mark", "")]
    for before, (sort, value), after in zip(padded, padded[1:], padded[2:], strict=False):
        if value == "**" or (sort == "number" and float(value.replace("_", "")) >= _LARGE):
            yield "suspicious", f"counts to {shown(value, 40)}", value
        if sort != "name":
            continue
        if before[1] == "|" and value not in _FILTERS:
            yield "not_audited", f"uses the filter {shown(value, 40)!r}", value
        elif before[1] == "is" and value not in _TESTS:
            yield "not_audited", f"uses the test {shown(value, 40)!r}", value
        elif before[1] == "." and _INNER.fullmatch(value):
            yield "danger", f"reaches for {shown(value, 40)!r}, inside Python", value
        elif value in _STRANGERS and before[1] not in (".", "set") and after[1] != "=":
            yield "danger", f"reaches for {shown(value, 40)!r}, no part of a chat", value
        elif after[1] == "(" and not _known(before[1], value, made):
            yield "not_audited", f"calls {shown(value, 40)!r}", value


def _known(before: str, value: str, made: set[str]) -> bool:
    keyword = value in ("if", "elif", "in", "and", "or", "not", "else", "is", "set", "for")
    return keyword or value in _CALLED or value in made or before in ("|", "is", "macro", "not")


def _subscripts(tokens: list[Token]) -> Iterator[Found]:
    """A key put together from texts: a word that nobody wants to see whole."""
    opened: list[tuple[bool, list[Token]]] = []
    for number, (sort, value) in enumerate(tokens):
        if value == "[" and sort == "mark":
            before = tokens[number - 1] if number else ("mark", "")
            opened.append((before[0] in ("name", "text") or before[1] in (")", "]", "}"), []))
        elif value == "]" and sort == "mark" and opened:
            key, inside = opened.pop()
            texts = [v for s, v in inside if s == "text"]
            built = len(texts) > 1 or any(s == "mark" and v in _BUILDING for s, v in inside)
            if key and texts and built:
                yield "suspicious", f"puts a key together from {shown(texts[0], 40)}", "key"
            if opened:
                opened[-1][1].extend([("mark", "["), *(("text", text) for text in texts[:1])])
        elif opened:
            opened[-1][1].append((sort, value))


def _spoken(tokens: list[Token], known: set[str]) -> Iterator[str]:
    """Names that are given what a message says."""
    values = [value for _, value in tokens]
    told = known.intersection(values[2:]) or any("content" in value for value in values[2:])
    if values[:1] == ["set"] and "=" in values[:6] and told:
        yield values[3] if values[2:3] == ["."] and len(values) > 3 else values[1]
        if "namespace" in values:
            yield from (v for v, after in pairwise(values) if after == "=" and v != values[1])
    if (
        values[:1] == ["for"]
        and "in" in values
        and told
        and "content" in "".join(values[values.index("in") :])
    ):
        yield values[1]


def _own(tokens: list[Token]) -> Iterator[str]:
    """Lists and dictionaries that the template makes itself, by a literal."""
    values = [value for _, value in tokens]
    if values[:1] == ["set"] and "=" in values:
        at = values.index("=")
        if values[at + 1 : at + 2] in (["["], ["{"], ["dict"], ["namespace"]):
            yield values[1]
            yield from (v for v, after in pairwise(values[at:]) if after == "=")


_CHANGES = words("append pop insert update extend remove clear setdefault")


def _changes(tokens: list[Token], own: set[str]) -> Iterator[Found]:
    """What the template was given is changed, so that others see other messages."""
    for (_, thing), (_, dot), (_, method), (_, bracket) in zip(
        tokens, tokens[1:], tokens[2:], tokens[3:], strict=False
    ):
        if dot == "." and bracket == "(" and method in _CHANGES and thing not in own:
            yield "suspicious", f"changes {shown(thing, 40)!r} by {method}", method


def _conditions(tokens: list[Token], said: set[str]) -> Iterator[Found]:
    """Behaviour that depends on a word in a message or on the day, and words exchanged."""
    names = {value for sort, value in tokens if sort == "name"}
    asked = names.intersection(("in", "startswith", "endswith", "find")) or "==" in {
        value for _, value in tokens
    }
    spoken = [v for s, v in tokens if s == "text" and v[1:-1] not in _FIELDS and _plain(v[1:-1])]
    content = bool(names & said) or any("content" in v for s, v in tokens if s == "text")
    keyed = "get" in names and spoken and not names.intersection(("for", "tool", "tools"))
    compared = names and "==" in {value for _, value in tokens}
    ordered = "if" in names and {value for _, value in tokens}.intersection(("<", ">", "<=", ">="))
    selected = names.intersection(("selectattr", "rejectattr")) and any(
        v[1:-1] == "content" for s, v in tokens if s == "text"
    )
    branches = "if" in names or compared or selected or keyed
    asked = asked or bool(ordered) or bool(selected) or bool(keyed)
    if branches and content and asked and spoken:
        yield "suspicious", f"decides on what a message says, {shown(spoken[0], 40)}", "condition"
    if (
        "if" in names
        and names.intersection(("index", "index0", "revindex", "revindex0"))
        and any(
            sort == "number" and float(value.replace("_", "")) > _TURNS for sort, value in tokens
        )
    ):
        yield "suspicious", "decides on the number of a message", "index"
    counted = names.intersection(("length", "count")) and any(
        sort == "number" and float(value.replace("_", "")) > 1 for sort, value in tokens
    )
    if "if" in names and content and counted:
        yield "suspicious", "decides on how long a message is", "condition"
    if names.intersection(("if", "elif")) and "strftime_now" in names:
        yield "suspicious", "decides on the day", "day"
    if names >= {"if", "in", "tools"} and names & {"string", "tojson"} and spoken:
        yield "suspicious", f"decides on the tools, {shown(spoken[0], 40)}", "condition"
    if "replace" in names and len(spoken) > 1:
        yield "suspicious", f"exchanges words, {shown(spoken[0], 40)}", "replace"


_FIELDS = words(
    """content role system user assistant tool function type text image video audio name
    tool_calls arguments parameters developer ipython observation thinking reasoning_content
    description required properties function_call tool_response environment documents"""
)


def _plain(text: str) -> bool:
    """Words of a language, no marks between which a model reads."""
    return bool(_WORD.search(text)) and not _MARKUP.search(text)
