"""Seals an audit folder with a key, and checks a seal.

A sealed folder holds, beside what every audit folder holds: ``manifest.dsse.json`` (the manifest in
a signed envelope), ``manifest.tsq`` and ``manifest.tsr`` (request and answer of a time-stamping
authority over that envelope), ``exports/in-toto.dsse.json``, and a signature inside
``report.pdf`` if a certificate was given. ``docs/signing.md`` is the specification.

The cryptography is in ``auditor.signing`` and is imported only when it is used, so that auditing
and checking an unsigned folder need no package for it.
"""
