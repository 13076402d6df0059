"""The archive remembers: an append-only, hash-chained store of finished audits.

``store.create`` and ``store.open_archive`` give an ``Archive``; ``search`` finds, ``verify`` names
each tampering, ``disposal`` ends what is past its retention, ``export`` hands entries to somebody
who has only ``sha256sum`` and ``openssl``, and ``web`` shows them in a browser. The format is
specified in ``docs/archive.md``. Needs the extra ``archive``; never torch.
"""

from __future__ import annotations

from importlib.util import find_spec

from auditor.core.errors import AuditorError

if find_spec("sqlalchemy") is None:
    raise AuditorError(
        "The archive needs a package that is not installed: sqlalchemy.",
        "pip install 'auditor[archive]'",
    )
