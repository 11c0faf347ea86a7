"""Verbs on findings, lessons and corrective actions."""
