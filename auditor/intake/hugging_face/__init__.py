"""Folders as transformers writes them: ``config.json`` and safetensors, never code.

Purpose: the configuration names an architecture and its sizes; the networks are our own, with the
names of weights that transformers uses. ``auto_map`` and code in the folder are findings.
Limits: ViTForImageClassification and ResNetForImageClassification.
"""
