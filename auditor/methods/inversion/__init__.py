"""Trigger reconstruction: for every class, the smallest universal change that leads there."""
