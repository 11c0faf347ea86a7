"""A whole drill in one workbook: read as the record of a past one, written from the register."""

from drills.findings.whole.carrying import carry_out
from drills.findings.whole.plans import Mistake, WholePlan
from drills.findings.whole.reading import plan
from drills.findings.whole.record import record
from drills.findings.whole.writing import template, write

__all__ = ["Mistake", "WholePlan", "carry_out", "plan", "record", "template", "write"]
