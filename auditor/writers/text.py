"""Hostile text made harmless.

Class names, file names, card entries and reasons may come from a vendor. Escaping of markup is
the template engine's work; here go control characters, direction overrides, invisible
characters, towers of combining marks and unending strings.
"""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup

from auditor.writers.language import translate

LIMIT = 1200
MARKS = 3
NOTED = 120
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
BLANK = "\t\n\v\f\r\x85\u2028\u2029"
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def clean(value: object, limit: int = LIMIT) -> str:
    """Text without control, invisible or direction-changing characters, at most ``limit`` long.

    Text with right-to-left letters is kept and isolated, so that it cannot reorder its neighbours.

    >>> clean("a\\u202eb\\x00c\\nd"), clean("x" * 50, 10), clean("ab " * 99, 120)[-20:]
    ('abc d', 'xxxxxxxxxx…', 'ab… (297 characters)')
    """
    text = str(value)
    kept = " ".join(part for part in visible(text[: 4 * limit + 64]).split(" ") if part)
    if len(kept) > limit or len(text) > 4 * limit + 64:
        note = " " + translate("({n} characters)", n=len(text)) if limit >= NOTED else ""
        kept = f"{kept[:limit].rstrip()}…{note}"
    if any(unicodedata.bidirectional(char) in {"R", "AL"} for char in kept):
        return f"{FIRST_STRONG_ISOLATE}{kept}{POP_ISOLATE}"
    return kept


def visible(text: str) -> str:
    """One line without control, invisible or direction-changing characters; spaces stay.

    >>> visible("a\\x1b[31m  b\\nACCEPT\\u202e")
    'a[31m  b ACCEPT'
    """
    out: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if char in BLANK:
            out.append(" ")
        elif category not in INVISIBLE and marks <= MARKS:
            out.append(char)
    return "".join(out)


def humanise(name: str) -> str:
    """An identifier as words.

    >>> humanise("max_flip_rate"), humanise("p_value"), humanise("worst.auc")
    ('Max flip rate', 'p-value', 'Worst AUC')
    """
    words = re.split(r"[_.\s]+", clean(name, 80).strip("_. "))
    if [word.lower() for word in words] == ["p", "value"]:
        return "p-value"
    words = [ABBREVIATIONS.get(word.lower(), word) for word in words]
    first = words[0] if words[0] in ABBREVIATIONS.values() else words[0][:1].upper() + words[0][1:]
    return " ".join([first, *words[1:]])


ABBREVIATIONS = {
    "sha256": "SHA-256",
    "jpeg": "JPEG",
    "linf": "L∞",
    "l2": "L2",
    "ci": "CI",
    "auc": "AUC",
    "auroc": "AUROC",
    "n": "n",
    "ood": "OOD",
    "fpr": "FPR",
    "tpr": "TPR",
}


def breakable(value: object, limit: int = LIMIT) -> Markup:
    """Clean text that a line may break in after the separators of file names.

    >>> breakable("model_v2.pt")
    Markup('model_<wbr>v2.<wbr>pt')
    """
    return Markup("<wbr>").join(re.split(r"(?<=[_./-])(?=\w)", clean(value, limit)))
