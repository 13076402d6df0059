"""Texts for people: what an editor, a renderer or a server of pages would obey in them.

Purpose: a note is shown, so its characters must show what they are, its links lead to pages, its
tags only lay out, and nothing in it is an order to the program that opens it.
Source: the elements of HTML that fetch, run or ask; modelines of Vim, variables of Emacs; chunks
of knitr and Quarto; directives of reStructuredText and MyST; marks of PHP, JSP, SSI and Jinja.
Limits: what stands between ``` marks is quoted text; orders in plain language are text.
"""

from __future__ import annotations

import ast
import html
import re
import warnings

from auditor.intake.inert.log import Log, shown
from auditor.intake.words import words

LONGEST = 64 << 10
"""Longer texts are not tried as Python."""
_ODD = re.compile(r"\r(?!\n)|[\x0c\x80-\x9f\u2028\u2029\ue000-\uf8ff\U000f0000-\U0010ffff]")
_FENCE = re.compile(r"^[ ]{0,3}(```+|~~~+)[^\n]*\n.*?(?:^[ ]{0,3}\1|\Z)", re.M | re.S)
_QUOTED = re.compile(r"`[^`\n]{0,400}`")
_ADDRESS = r"https?://(?!127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}\b"
_FETCHED = re.compile(
    rf"\b(?:curl|wget|iwr|irm|invoke-webrequest)\b[^\n|]{{0,200}}{_ADDRESS}[^\n|]{{0,200}}"
    r"\|\s{0,4}(?:sudo )?(?:\w{0,4}sh|iex|python3?|perl)\b"
    rf"|(?:<\(|\$\()\s{{0,4}}(?:curl|wget)\b[^\n)]{{0,200}}{_ADDRESS}"
    r"|\b(?:exec|eval)\s{0,4}\(\s{0,4}[^\n)]{0,80}(?:requests\.get|urlopen)\s{0,4}\("
    r"|\bbase64\s{1,4}(?:-d|-D|--decode)\b[^\n|]{0,80}\|\s{0,4}\w{0,4}sh\b",
    re.I,
)
"""What nobody tells a reader to run: a program of a host without a name, of letters, or unseen."""
_FETCHERS = words("curl wget iwr irm invoke-webrequest exec eval base64")
"""Without any of these the search, which is slow on large texts, is not needed."""
_ORDERS = (
    (re.compile(r"-\*-[^\n]{0,200}\beval\s*:|\bLocal Variables:\s*(-->)?\s*$", re.M),
     "variables that an editor obeys"),
    (re.compile(r"(?:^|\s)(?:vim?|ex):\s{0,4}\S[^\n]{0,200}="), "a line of settings for an editor"),
    (re.compile(r"<\?(?!xml\b)(?=[a-z=\s])|<%[=@!\s]|<!--#"), "a mark of a server of pages"),
    (re.compile(r"^[ ]{0,3}(```+|~~~+)\s{0,4}\{|`(?:r|python) [^`\n]{0,200}\(", re.M),
     "a cell that a renderer runs"),
    (re.compile(r"^[ \t]{0,20}(\.\. (include|raw|literalinclude|exec|command-output)::"
                r"|#\+(begin_src|include|call)\b)", re.M | re.I),
     "a directive that a renderer obeys"),
    (re.compile(r"\A\ufeff?(?:;;;|\+\+\+|---[ \t]{0,9}[a-z]+)[ \t]{0,9}\n"
                r"|\A\{\s{0,99}\"[^\"\n]{1,80}\"\s{0,9}:", re.I),
     "settings at its head, in a language of their own"),
    (re.compile(r"^[ ]{0,3}(```+|~~~+)\w+[ \t][^\n]{0,200}\bexec\s{0,4}=", re.M),
     "a cell that a renderer runs"),
    (re.compile(r"^(base_model|app_file|handler)\s{0,4}:\s{0,4}[\"']?(\.\.|/|~|\w+\.py\b)", re.M),
     "a head that names a file"),
)  # fmt: skip
_HIDING = r"(?:curl|wget)\s|\bsystem\s?:|\bignore (?:all|any|previous|the)\b|\bassistant\s?:"
_WRITTEN = (
    (re.compile(r"^(import\s[^\n]{1,200}\sfrom\s+[\"']"
                r"|export\s+(const|let|default|function)\s)", re.M),
     "code that a renderer runs"),
    (re.compile(r"^[ \t]{0,9}--8<--|\{![^\n}]{1,200}!\}|^!include\b", re.M),
     "a file to be included"),
    (re.compile(r"\\(?:input|include)\s{0,4}\{|\\(?:write\d+|openin|openout|immediate|catcode|csname)"),
     "an order of TeX that reads or writes"),
    (re.compile(r"\]\([^)\s]{0,200}\{\{|\]\(\\\\"), "a link that is made or leads to a share"),
    (re.compile(r"\]\(https?://[^\s/)?#]{0,200}[@\u0080-\U0010ffff]"),
     "a link to a host that looks like another"),
    (re.compile(r"style\s{0,4}=\s{0,4}[\"'][^\"'\n]{0,200}(?:color\s{0,4}:\s{0,4}(?:white|#fff|transparent)"
                r"|display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden|opacity\s{0,4}:\s{0,4}0\b"
                r"|font-size\s{0,4}:\s{0,4}0\b)", re.I), "a text that does not show"),
    (re.compile(rf"<!--[^>\n]{{0,400}}(?:{_HIDING})"
                rf"|^\[//\]:\s{{0,4}}#[^\n]{{0,400}}(?:{_HIDING})", re.M | re.I),
     "an order in a comment"),
    (re.compile(r"\{%|\{\{[^}\n]{0,200}[(.|\[][^}\n]{0,200}\}\}"), "a template"),
    (re.compile(r"<(?:i?frame|frameset|object|embed|applet|form|input|button|style|link|meta|base|svg|math|template"
                r"|portal|textarea|select|script|noscript)\b", re.I),
     "an element that does more than lay out"),
    (re.compile(r"<[a-z][^<>\n]{0,200}\son[a-z]{3,20}\s{0,4}=", re.I),
     "an element that runs something"),
)  # fmt: skip
_LINK = re.compile(
    r"(?:\]\(|\]:|<|(?:href|src|action|data|poster)\s{0,4}=)\s{0,4}[\"'<]?"
    r"([a-z][a-z0-9+.-]{1,20}):(?!:)(?=\S)", re.I
)  # fmt: skip
_SCHEMES = frozenset(("http", "https", "mailto", "doi", "arxiv", "ftp", "tel"))
_PICTURE = re.compile(r"data:image/(png|jpe?g|gif|webp);base64,", re.I)
_HEXADECIMAL = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{512}")
_CELL = re.compile(r"^[ \t]{0,20}[=@\uff1d\uff20\uff0b][^\n]{0,80}[(|!]", re.M)


def look(text: str, base: str, log: Log) -> None:
    """Name what in a note is more than a note; each kind once."""
    _characters(text, base, log)
    for pattern, what in _ORDERS:
        if found := pattern.search(text):
            _say(f"has {what}", found[0], base, log)
    small = text.lower()
    if any(word in small for word in _FETCHERS) and (found := _FETCHED.search(text)):
        _say("has a program that is fetched and run", found[0], base, log)
    written = (
        html.unescape(_QUOTED.sub("", _FENCE.sub("", text))) if "`" in text else html.unescape(text)
    )
    for pattern, what in _WRITTEN:
        if found := pattern.search(written):
            _say(f"has {what}", found[0], base, log)
    for found in _LINK.finditer(written):
        if found[1].lower() not in _SCHEMES and not _PICTURE.match(written, found.start(1)):
            _say("has a link that is no page's", found[0], base, log)
            break


def plain(text: str, base: str, log: Log) -> None:
    """A text without marks: no program, no table of formulas."""
    if text.startswith(("#!", "%!")) or text.lower().startswith("@echo off") or _is_python(text):
        what = f"{shown(base)!r} is a program's source: {shown(text[:60].strip())!r}"
        log.add("not_audited", "text.program", what, None, base)
    if base.lower().startswith(("labels", "classes", "names")) and (found := _CELL.search(text)):
        _say("holds a formula", found[0], base, log)
    if found := _HEXADECIMAL.search(text):
        _say("holds bytes written as a text", found[0][:40], base, log)


_TRAILING = re.compile(r"(?<=\S)(?=[ \t]{0,40}\t)(?=[ \t]{0,40} )[ \t]{4,}$", re.M)
MARKED = 16
"""Lines with both tabs and spaces at their ends, by which bytes can be told."""


def _characters(text: str, base: str, log: Log) -> None:
    if "\t" in text and sum(1 for _ in _TRAILING.finditer(text)) >= MARKED:
        _say("tells something by tabs and spaces at the ends of lines", "", base, log)
    if found := _ODD.search(text):
        what = f"{shown(base)!r} has a character that does not show ({ord(found[0]):#x})"
        log.add("suspicious", "text.character", what, found.start(), base)


def _say(what: str, found: str, base: str, log: Log) -> None:
    log.add(
        "suspicious",
        "text.obeyed",
        f"{shown(base)!r} {what}: {shown(found.strip(), 60)!r}",
        None,
        what,
    )


def _is_python(text: str) -> bool:
    """Whether the whole text is a program in Python that imports or calls something.

    >>> _is_python("import os"), _is_python("import of data took 3 h"), _is_python("cat")
    (True, False, False)
    """
    if len(text) > LONGEST or not re.search(r"\(|\bimport\b", text):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(
        isinstance(node, ast.Import | ast.ImportFrom | ast.Call)
        for line in body
        for node in ast.walk(line)
    )
