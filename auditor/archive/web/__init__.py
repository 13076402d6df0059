"""The archive in a browser: read-only pages without scripts, made to be used by keyboard alone.

``app.App`` is a plain WSGI application, ``server`` runs it with waitress (see
``docs/decisions/0010-archive-web-page.md``). Archived reports are shaped by the supplier's names
and texts, so each is served in a sandbox of its own.
"""
