"""Fixtures of the dossier tests."""

import pytest

from exovigil.dossier import actions
from exovigil.governance.actors import system
from tests.dossier.world import Registry


@pytest.fixture
def world(site, other_site) -> Registry:
    """Two clinics, one human exosome product, nobody treated yet."""
    return Registry([site, other_site])


@pytest.fixture
def build(db):
    """Builds an edition as the program itself, by default for skin ageing and human products."""

    def make(condition: str = "skin_ageing", product_class: str = "human", **more):
        return actions.build_edition(
            **{"by": system(), "condition": condition, "product_class": product_class, **more}
        )

    return make
