"""The rungs of the tree, and the words by which a spreadsheet may name them."""

import csv
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills import resources
from drills.core.text import fold
from drills.units.models import Tier


def seed_tiers(session: Session) -> dict[str, Tier]:
    """Add the tiers of the package's list that are missing; all tiers by code."""
    known = {tier.code: tier for tier in session.scalars(sa.select(Tier))}
    for line in _lines():
        if line["code"] not in known:
            tier = Tier(
                code=line["code"],
                position=int(line["position"]),
                name_vi=line["name_vi"],
                name_en=line["name_en"],
            )
            session.add(tier)
            known[tier.code] = tier
    session.flush()
    return known


def tiers_by_word(session: Session) -> Mapping[str, Tier]:
    """Every folded word that means a tier: its code, its names, and the list's synonyms."""
    tiers = {tier.code: tier for tier in session.scalars(sa.select(Tier))}
    words = {
        fold(word): tiers[line["code"]]
        for line in _lines()
        if line["code"] in tiers
        for word in line["synonyms"].split(";")
    }
    for tier in tiers.values():
        words |= {fold(word): tier for word in (tier.code, tier.name_vi, tier.name_en)}
    return words


def _lines() -> list[dict[str, str]]:
    with (resources.DATA / "tiers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
