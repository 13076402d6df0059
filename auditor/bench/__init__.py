"""The bank of models with known truth that the detector is developed and calibrated on.

Purpose: train small clean and attacked classifiers from recipes, each named by the content of its
recipe, and measure on the clean ones how the detector scores models without a backdoor
(``auditor/methods/null.json``).
Limits: this is the development bank. Figures about detection power need models that no choice was
made on.
"""
