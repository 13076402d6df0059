"""The same content has the same bytes and the same digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from auditor.core.canonical import CHUNK, canonical_json, digest, digest_file

SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(
    st.characters(exclude_categories=["Cs"])
)  # fmt: skip
JSON = st.recursive(SCALARS, lambda x: st.lists(x) | st.dictionaries(st.text("abc"), x))


@given(st.dictionaries(st.text("abcdef"), JSON))
def test_the_order_of_keys_does_not_count(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical_json(value) == canonical_json(turned)
    assert digest(value) == digest(turned)


def test_bytes_are_digested_as_they_are() -> None:
    assert digest(b"abc") == hashlib.sha256(b"abc").hexdigest()
    assert digest("abc") == hashlib.sha256(b'"abc"').hexdigest()


def test_a_file_longer_than_a_block(tmp_path: Path) -> None:
    content = b"x" * (CHUNK + 1)
    (tmp_path / "f").write_bytes(content)
    assert digest_file(tmp_path / "f") == digest(content)
