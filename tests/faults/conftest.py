"""One registry for a module of faults; what a test changes is not kept."""

from collections.abc import Iterator

import pytest

from tests.faults import registry as registries
from tests.small_world import SmallWorld


@pytest.fixture(scope="module")
def registry(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[SmallWorld]:
    media = tmp_path_factory.mktemp("sealed")
    with django_db_blocker.unblock(), registries.registry(media) as found:
        yield found


@pytest.fixture
def world(db, registry, settings) -> SmallWorld:
    """The registry, with the photographs where it keeps them, and nothing left to say from the test before."""
    settings.MEDIA_ROOT = registry.media
    for client in registry.signed_in.values():
        client.cookies.pop("messages", None)
    return registry
