"""The marks that go with each outcome: circle, triangle, octagon, diamond, dash.

They are background pictures, so assistive software skips them: the word beside each says the
same. Each comes dark on paper and white on its own colour.
"""

from __future__ import annotations

import base64
from functools import cache

from markupsafe import Markup

COLOURS = {
    "pass": "#0B6E4F",
    "concern": "#8A5A00",
    "fail": "#A4161A",
    "open": "#4A5568",
    "na": "#4A5568",
    "done": "#1F3A5F",
}
WHITE = "#FFFFFF"
OUTLINES = {
    "pass": "M8 .5a7.5 7.5 0 1 1 0 15a7.5 7.5 0 1 1 0-15Z",
    "concern": "M8 .8 15.8 15H.2Z",
    "fail": "M4.9.5h6.2l4.4 4.4v6.2l-4.4 4.4H4.9L.5 11.1V4.9Z",
    "open": "M8 0l8 8-8 8-8-8Z",
    "na": "M2.5 7.2h11v1.6h-11Z",
    "done": "M8 .5a7.5 7.5 0 1 1 0 15a7.5 7.5 0 1 1 0-15Z",
}
SIGNS = {
    "pass": "M4.4 8.3 7 10.8 11.6 5.6",
    "concern": "M8 5.4v4.8M8 11.6v1.8",
    "fail": "M5 5l6 6M11 5l-6 6",
    "open": "M4.6 8h6.8",
    "na": "",
    "done": "M4.4 8.3 7 10.8 11.6 5.6",
}


@cache
def shape_rules() -> Markup:
    """Style rules ``.shape.<tone>`` and, for use on the tone's own colour, ``.shape.<tone>.on``."""
    rules = [
        f".shape.{tone}{'.on' if on else ''}{{background-image:url({_picture(tone, on)})}}"
        for tone in OUTLINES
        for on in (False, True)
    ]
    return Markup("\n".join(rules))


def _picture(tone: str, on: bool) -> str:
    ink, cut = (WHITE, COLOURS[tone]) if on else (COLOURS[tone], WHITE)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
        f'<path d="{OUTLINES[tone]}" fill="{ink}"/>'
        f'<path d="{SIGNS[tone]}" fill="none" stroke="{cut}" stroke-width="1.9"/></svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
