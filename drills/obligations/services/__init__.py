"""Verbs of obligations."""
