"""How well and how fast influence is computed, beside captum, on models with known poison.

``cases`` trains the models, ``captum_runs`` runs captum on the same checkpoints and queries,
``quick`` is the small form behind ``auditor bench influence --quick``.
"""
