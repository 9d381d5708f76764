"""What the tests of the catalogue's pages share."""

from django.urls import reverse

from exovigil.catalogue.models import (
    CompositionStatement,
    LegalStatement,
    Lot,
    LotOverride,
    Product,
    Quarantine,
    ReleaseTest,
    StockMovement,
)

REASON = "Sponsor agreed in writing; the result is expected on Friday."
TABLES = (
    CompositionStatement,
    LegalStatement,
    Lot,
    LotOverride,
    Product,
    Quarantine,
    ReleaseTest,
    StockMovement,
)


def url(name, *args):
    return reverse(f"catalogue:{name}", args=args)


def counts():
    return {table.__name__: table.objects.count() for table in TABLES}


def unchanged(client, url, data, message):
    before = counts()
    answer = client.post(url, data)
    assert answer.status_code == 422, answer.content.decode()
    page = answer.content.decode()
    assert message in page
    assert "There is a problem" in page
    assert counts() == before
    return page
