"""Keys, signatures and time stamps; needs the extra ``sign`` (``pip install 'auditor[sign]'``).

``keys.open_signer(where).sign(payload_type, payload)`` gives a DSSE envelope,
``dsse.verify(envelope, public_key)`` gives the payload back or says what is wrong. Nothing here
knows of audits: bytes in, bytes out.
"""

from __future__ import annotations

from importlib.util import find_spec

from auditor.core.errors import AuditorError

LIBRARIES = ("cryptography", "rfc3161_client", "pyhanko")

if missing := [name for name in LIBRARIES if find_spec(name) is None]:
    raise AuditorError(
        f"Signatures need packages that are not installed: {', '.join(missing)}.",
        "pip install 'auditor[sign]'",
    )
