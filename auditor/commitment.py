"""The plan as a file of its own: written, signed and time-stamped before anything is measured.

``plan.json`` holds the plan, its digest, the time, and every limit with its reason. Beside it may
stand ``plan.dsse.json`` (a DSSE envelope over the same document) and ``plan.tsq`` and ``plan.tsr``
(RFC 3161). ``read`` refuses a file that is not as it was written; the audit refuses to run
another plan than the one in it. Purpose: Article 9(8) of Regulation (EU) 2024/1689 asks for
limits fixed before testing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from auditor.core.errors import AuditorError
from auditor.core.finding import Frozen
from auditor.core.plan import Plan
from auditor.core.spec import DataIdentity, Delivery, SpecHints
from auditor.criteria.catalogue import Catalogue
from auditor.writers.atomic import write_atomic

SCHEMA = "auditor/plan/1"
PAYLOAD_TYPE = "application/vnd.auditor.plan+json"
SIZE_LIMIT = 16 << 20
HINT = "Give the file that `auditor plan --out` wrote."


class Limit(Frozen):
    """One limit as the plan fixes it; ``bundled`` is the named profile's own value."""

    name: str
    value: float
    says: str
    reason: str = ""
    bundled: float | None = None


class Document(Frozen):
    """plan.json."""

    schema_: str = Field(default=SCHEMA, alias="schema", serialization_alias="schema")
    committed: str
    plan_sha256: str
    delivery: Delivery
    data: DataIdentity
    limits: tuple[Limit, ...]
    options: SpecHints
    label_column: str | None = None
    plan: Plan

    def to_json(self) -> dict[str, Any]:
        """JSON types, keys as in the specification."""
        return self.model_dump(mode="json", by_alias=True)


@dataclass(frozen=True)
class Committed:
    """A plan that was read back, and what vouches for it.

    Args:
        document: the file's content.
        signed_by: id of the key whose signature was checked; empty where none was.
        stamped: the authority's time (ISO 8601); empty where there is none.
        authority: who stamped it; ``trusted`` if its root certificate was given.
        caveats: sentences on what stands beside the plan and could not be checked.
    """

    document: Document
    signed_by: str = ""
    stamped: str = ""
    authority: str = ""
    trusted: bool = False
    caveats: tuple[str, ...] = ()


def limits(plan: Plan, catalogue: Catalogue) -> tuple[Limit, ...]:
    """Every limit of the plan with what it is about and why it is what it is."""
    base = plan.policy.source.rpartition(" on ")[2]
    base = plan.policy.name if base == "bundled" else base
    return tuple(
        Limit(
            name=name,
            value=value,
            says=catalogue.policy[name].says,
            reason=plan.policy.reasons.get(name, ""),
            bundled=getattr(catalogue.policy[name], base, None),
        )
        for name, value in plan.policy.parameters.items()
    )


def write(path: Path, document: Document, key: str | None, timestamp: str | None) -> list[Path]:
    """Write the plan, and with ``key`` its envelope and, as ``timestamp`` says, a stamp over it.

    Args:
        key: PEM file or ``pkcs11:`` address.
        timestamp: address of an authority, ``request`` for a request file, or None.

    Raises:
        AuditorError: the file is there already, or key or authority refuse.
    """
    if path.exists():
        raise AuditorError(
            f"{path} is there already, and a committed plan is not written over.",
            "Choose another --out.",
        )
    content = document.to_json()
    written = [(path.name, f"{json.dumps(content, indent=2, ensure_ascii=False)}\n".encode())]
    if key is not None:
        from auditor.signing import documents, keys

        signed = documents.sign_json(content, PAYLOAD_TYPE, keys.open_signer(key), timestamp)
        written += signed.files(path.stem).items()
    return [write_atomic(path.parent / name, data) for name, data in reversed(written)]


def read(path: Path, public_key: Path | None = None, trust: Path | None = None) -> Committed:
    """A committed plan, checked against its own digest and against what stands beside it.

    Args:
        public_key: checks the signature; without it a signature counts for nothing.
        trust: root certificates of time-stamping authorities, in one PEM file.

    Raises:
        AuditorError: unreadable, changed since it was written, or signature or stamp do not hold.
    """
    document = _document(path)
    if document.plan.sha256 != document.plan_sha256:
        raise AuditorError(
            f"{path} was changed after it was committed: its plan has the digest "
            f"{document.plan.sha256[:12]}, and it says {document.plan_sha256[:12]}.",
            "Restore it, or commit to another plan with `auditor plan`.",
        )
    if not (path.parent / f"{path.stem}.dsse.json").exists():
        return _unsigned(path, document, public_key)
    if public_key is None:
        said = "The plan is signed, but no public key was given to check it (--plan-key)."
        return Committed(document, caveats=(said,))
    return _signed(path, document, public_key, trust)


def _unsigned(path: Path, document: Document, public_key: Path | None) -> Committed:
    if public_key is not None:
        raise AuditorError(
            f"--plan-key was given, but {path.stem}.dsse.json is not beside the plan.",
            "Put the signature beside the plan, or leave --plan-key out.",
        )
    return Committed(document)


def _signed(path: Path, document: Document, key: Path, trust: Path | None) -> Committed:
    from auditor.signing import certificates, documents, keys

    public = keys.load_public(key)
    roots = certificates.load_certificates(trust) if trust is not None else ()
    signed = documents.Signed.read(path.parent, path.stem)
    content, stamp = documents.check_json(signed, public, PAYLOAD_TYPE, roots)
    if content != document.to_json():
        raise AuditorError(
            f"{path} is not the plan that was signed.", "Restore it from the copy that was signed."
        )
    known = keys.key_id(public)
    if stamp is None:
        return Committed(document, known)
    caveat = "The time stamp's authority was not checked; give its root certificate (--trust)."
    return Committed(
        document,
        known,
        stamp.time.isoformat(timespec="seconds"),
        stamp.authority,
        stamp.trusted,
        () if stamp.trusted else (caveat,),
    )


def _document(path: Path) -> Document:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise AuditorError(f"{path} is too large to be a plan.", HINT)
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict) or content.get("schema") != SCHEMA:
            raise AuditorError(f"{path} is not a plan of schema {SCHEMA!r}.", HINT)
        return Document.model_validate(content)
    except OSError as error:
        raise AuditorError(f"Cannot read {path}: {error.strerror}.", HINT) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])[:120]
        raise AuditorError(f"{path} is not a plan: {place}: {first['msg']}.", HINT) from error
    except (ValueError, RecursionError) as error:
        raise AuditorError(f"{path} is not JSON.", HINT) from error
