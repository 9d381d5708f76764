"""Products and the dated statements about them."""

import datetime as dt

import pytest

from exovigil.catalogue import actions, queries
from exovigil.catalogue.models import CompositionStatement, LegalStatement, Product
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent

pytestmark = pytest.mark.django_db


def _product(by, **changes):
    fields = {
        "name": "Fictiva",
        "source_class": "plant",
        "maker": "Pretend Labs",
        "declared_route": "topical",
    }
    return actions.add_product(by=by, **{**fields, **changes})


def _verified(by, product, **changes):
    fields = {
        "attribute": "source_species",
        "value": "human",
        "basis": "verified",
        "stated_by": "Invented Laboratory",
        "source": "Report 7",
        "stated_on": dt.date(2026, 1, 2),
    }
    return actions.state_composition(by=by, product=product, **{**fields, **changes})


def test_source_and_route_become_declared_composition(safety_officer):
    made = _product(
        safety_officer, composition={"isolation": "ultracentrifugation", "formulation": "not stated"}
    )
    stated = {row.attribute: (row.value, row.basis, row.stated_by) for row in made.composition.all()}
    assert stated == {
        "source_species": ("plant", "declared", "Pretend Labs"),
        "declared_route": ("topical", "declared", "Pretend Labs"),
        "isolation": ("ultracentrifugation", "declared", "Pretend Labs"),
    }
    assert AuditEvent.objects.filter(action="catalogue.product.added", target_id=str(made.pk)).count() == 1


def test_an_unknown_source_is_not_declared(safety_officer):
    made = _product(safety_officer, source_class="unknown", declared_route="unknown")
    assert not made.composition.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"source_class": "moon"}, "source_class"),
        ({"declared_route": "by post"}, "declared_route"),
        ({"kind": "potion"}, "kind"),
        ({"composition": {"isolation": "by hope"}}, "isolation"),
        ({"composition": {"isolation": "other: "}}, "isolation"),
        ({"composition": {"sauce": "x"}}, "attribute"),
    ],
)
def test_a_product_that_breaks_a_rule_is_not_added(safety_officer, changes, field):
    with pytest.raises(Refused) as refused:
        _product(safety_officer, **changes)
    assert refused.value.field == field
    assert not Product.objects.exists()
    assert not CompositionStatement.objects.exists()


def test_a_name_is_taken_whatever_its_case_and_spaces(safety_officer):
    _product(safety_officer, name="Fictiva Two")
    with pytest.raises(Refused, match="already"):
        _product(safety_officer, name=" fictiva  TWO ")
    assert Product.objects.count() == 1


def test_who_may_not_manage_the_catalogue_adds_nothing(clinician, reviewer, product):
    for actor in (clinician, reviewer):
        with pytest.raises(NotAllowed):
            _product(actor)
        with pytest.raises(NotAllowed):
            _verified(actor, product)
    assert Product.objects.count() == 1
    assert not CompositionStatement.objects.filter(basis="verified").exists()


def test_verified_against_declared(safety_officer):
    made = _product(safety_officer)
    _verified(safety_officer, made)
    rows = {row.attribute.code: row for row in queries.composition_of(made)}
    row = rows["source_species"]
    assert (row.declared[0].text, row.verified[0].text, row.word, row.tone) == (
        "Plant or alga",
        "Human",
        "Differs",
        "stop",
    )
    assert rows["declared_route"].word == "Declared, not verified"
    assert rows["isolation"].is_open


def test_a_later_declaration_does_not_hide_that_an_earlier_one_was_wrong(safety_officer):
    made = _product(safety_officer)
    _verified(safety_officer, made)
    _verified(safety_officer, made, basis="declared", stated_by="Pretend Labs", stated_on=dt.date(2026, 2, 1))
    (row,) = (r for r in queries.composition_of(made) if r.attribute.code == "source_species")
    assert [s.text for s in row.declared] == ["Human", "Plant or alga"]
    assert row.word == "Differs"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": " "}, "source"),
        ({"stated_by": ""}, "stated_by"),
        ({"attribute": "sauce"}, "attribute"),
        ({"value": "martian"}, "value"),
        ({"value": ""}, "value"),
        ({"basis": "felt"}, "basis"),
        ({"stated_on": dt.date(2999, 1, 1)}, "stated_on"),
        ({"attribute": "particle_claim", "value": "lots"}, "value"),
        ({"attribute": "donor_screening", "value": "maybe"}, "value"),
    ],
)
def test_a_statement_that_breaks_a_rule_is_not_added(safety_officer, product, changes, field):
    before = CompositionStatement.objects.count()
    with pytest.raises(Refused) as refused:
        _verified(safety_officer, product, **changes)
    assert refused.value.field == field
    assert CompositionStatement.objects.count() == before


def test_other_is_kept_in_its_own_words(safety_officer, product):
    made = _verified(safety_officer, product, attribute="isolation", value="other: magnetic beads")
    assert queries.answer_text(made.attribute, made.value) == "Other: magnetic beads"
    number = _verified(safety_officer, product, attribute="particle_claim", value="1e10")
    assert queries.answer_text(number.attribute, number.value) == "1e10 particles/mL"


def _standing(by, product, **changes):
    fields = {
        "jurisdiction": "uk",
        "statement": "Notified as a cosmetic.",
        "source": "Letter of the maker",
        "stated_on": dt.date(2026, 1, 1),
    }
    return actions.state_legal_standing(by=by, product=product, **{**fields, **changes})


def test_a_products_own_statement_stands_beside_the_cited_ones(safety_officer, product):
    made = _standing(safety_officer, product)
    assert made.jurisdiction == "UK"
    uk = next(place for place in queries.legal_statements(product) if place.name == "UK")
    assert uk.statements[0].is_own
    assert {"uk_business_department", "uk_clinic_director"} < {s.key for s in uk.statements}
    assert any(not s.is_own and s.source is not None and s.source.citation for s in uk.statements)


def test_sources_that_contradict_each_other_are_one_group(product):
    uk = next(place for place in queries.legal_statements(product) if place.name == "UK")
    together = [{s.key for s in group} for group in uk.groups if len(group) > 1]
    assert together == [{"uk_business_department", "uk_clinic_director", "uk_eu_maker_summary"}]
    assert uk.contradicts


def test_a_plant_product_meets_only_what_is_said_of_plants(safety_officer):
    keys = {
        s.key
        for place in queries.legal_statements(_product(safety_officer))
        for s in place.statements
        if place.name == "UK"
    }
    assert keys == {"uk_trade_article", "eu_uk_non_human"}


def test_what_is_no_exosome_has_only_its_own_statements(safety_officer):
    made = _product(safety_officer, kind="prp", source_class="human")
    assert queries.legal_statements(made) == ()
    _standing(safety_officer, made, jurisdiction="Atlantis", stated_on=None)
    (place,) = queries.legal_statements(made)
    assert (place.name, place.statements[0].date) == ("Atlantis", "")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"jurisdiction": ""}, "jurisdiction"),
        ({"statement": " "}, "statement"),
        ({"source": ""}, "source"),
        ({"stated_on": dt.date(2999, 1, 1)}, "stated_on"),
    ],
)
def test_a_legal_statement_needs_place_words_and_source(safety_officer, product, changes, field):
    with pytest.raises(Refused) as refused:
        _standing(safety_officer, product, **changes)
    assert refused.value.field == field
    assert not LegalStatement.objects.exists()


def test_who_may_not_manage_states_no_legal_standing(clinician, product):
    with pytest.raises(NotAllowed):
        _standing(clinician, product)
    assert not LegalStatement.objects.exists()
