"""Influence for models that need no network: logistic regression, support vectors, boosted trees.

``linear`` gives influence in closed form at the optimum, ``boosting`` follows the gradient of a
query through the rounds of a boosted ensemble.
"""
