"""Templates and settings that decide on names, tools, documents and parts; honest ones do not."""

from __future__ import annotations

import pytest

from auditor.intake.inert import choices, templates
from auditor.intake.inert.log import Budget, Log

LOOP = "{%% for m in messages %%}%s{%% endfor %%}"
ODD = {
    "{% if m.name == 'admin' %}x{% endif %}": "on a name",
    "{% if m['name'] != 'admin' %}x{% endif %}": "on a name",
    "{% if m.tool_calls[0].function.arguments.amount > 9 %}x{% endif %}": "called with",
    "{% if m.arguments['to'] == 'x' %}x{% endif %}": "called with",
    "{% if 'x' in documents[0].text %}x{% endif %}": "a document says",
    "{{ m.content[5:] }}": "cuts",
    "{{ m['content'][:5] }}": "cuts",
    "{% for k, v in m.items() %}{% if v == 'x' %}evil{% endif %}{% endfor %}": "a message says",
    "<% import os %>": "another language",
}
HONEST = (
    "{{ m.name }}", "{% if m.name is defined %}x{% endif %}",
    "{% if tool_call.name == 'python' %}x{% endif %}",
    "{% if tool_call.arguments is string %}x{% endif %}", "{{ tool_call.arguments | tojson }}",
    "{% if documents is defined and documents %}{{ documents[0].text }}{% endif %}",
    "{{ m.content[0].text }}", "{% for k, v in tool.items() %}{{ k }}{% endfor %}",
    "{% set rest = messages[1:] %}",
)  # fmt: skip


def said(text: str) -> list[str]:
    log = Log("chat_template.jinja", Budget.fresh(5))
    templates.look(LOOP % text, "chat_template.jinja", log)
    return [problem.message for problem in log.shared.problems]


@pytest.mark.parametrize("text", ODD)
def test_a_template_that_decides_on_facts_is_odd(text: str) -> None:
    assert any(ODD[text] in message for message in said(text)), said(text)


@pytest.mark.parametrize("text", HONEST)
def test_a_template_that_shows_facts_is_not(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("key", "value", "count"),
    [
        ("base", "~/.ssh", 1), ("tokenizer", "../../evil", 1), ("offload", "/tmp/evil", 1),
        ("_name_or_path", "/home/user/run", 0), ("model", "/data/llama", 0), ("offload", "/v1", 0),
    ],
)  # fmt: skip
def test_a_setting_that_names_no_file_is_given_none(key: str, value: str, count: int) -> None:
    log = Log("config.json", Budget.fresh(5))
    choices.look({key: value}, "config.json", log)
    assert len(log.shared.problems) == count
