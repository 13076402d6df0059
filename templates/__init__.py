"""Jinja templates and style sheets of the report, shipped as ``auditor.templates``."""
