"""Criteria: findings in, verdicts and an opinion out. Data and pure functions, no torch.

``load`` reads the catalogue and the policy, ``judge`` gives a verdict for each criterion,
``opinion`` the overall result, ``summary`` the figures that head the record. ``rules`` is the
small language in which a criterion says when it passes.
"""
