"""Cadences, and what can meet a duty."""
