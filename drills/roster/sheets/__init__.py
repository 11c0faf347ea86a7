"""Competences, certificates and attendance from spreadsheets and back: all of a file or nothing."""

from drills.roster.sheets import attendance, certificates, competences
from drills.roster.sheets.reading import Plan

__all__ = ["Plan", "attendance", "certificates", "competences"]
