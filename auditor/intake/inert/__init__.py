"""Readers that never execute: numpy at most, no torch, no pickle, no vendor code.

Purpose: every reader takes a view of bytes and a `Log`, and either understands every byte or says
which member, global, operator or opcode it stumbled over, and where.
"""
