"""Every action: named arguments, a permission, and all or nothing with its line in the audit trail."""

import dataclasses
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django_scopes import scope

import exovigil.web.urls  # noqa: F401 - the addresses import every room's actions
from exovigil.governance import audit
from exovigil.governance.action import ACTIONS
from exovigil.governance.models import AuditEvent
from exovigil.governance.roles import Role
from tests.governance.action_samples import SAMPLES, Bench
from tests.small_world import SmallWorld, small_world

# One world, built once; what a test changes is not kept.
pytestmark = pytest.mark.django_db
# By their public names: some are wrapped once more, to take back the files they wrote.
OURS = {
    name: getattr(sys.modules[act.__module__], act.__name__)
    for name, act in ACTIONS.items()
    if act.__module__.startswith("exovigil.")
}
NOBODY = Role("nobody", "Nobody", "Holds no permission.", frozenset())


class TrailBroken(Exception):
    """The audit trail cannot be written."""


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[SmallWorld]:
    with django_db_blocker.unblock(), small_world(tmp_path_factory.mktemp("sealed")) as found:
        yield found


@pytest.fixture
def bench(world: SmallWorld, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Bench]:
    settings.MEDIA_ROOT = world.media
    with scope(site=[world.site.pk]):
        yield Bench(world, monkeypatch)


def everything(world: SmallWorld) -> dict[str, list[Any]]:
    """Every row of every table, and every sealed file."""
    held: dict[str, list[Any]] = {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model.__module__.startswith("exovigil.")
    }
    return held | {"files": sorted(str(path) for path in world.media.rglob("*") if path.is_file())}


def fails_before(record: Callable[..., None]) -> Callable[..., None]:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise TrailBroken

    return broken


def fails_after(record: Callable[..., None]) -> Callable[..., None]:
    def broken(*args: Any, **kwargs: Any) -> None:
        record(*args, **kwargs)
        raise TrailBroken

    return broken


def test_every_action_has_a_sample_and_every_sample_an_action():
    assert sorted(SAMPLES) == sorted(OURS)


@pytest.mark.parametrize("name", sorted(OURS))
def test_an_action_takes_named_arguments_and_says_what_it_does(name):
    parameters = inspect.signature(OURS[name]).parameters.values()
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters)
    assert len(inspect.getdoc(OURS[name]) or "") > 20


@pytest.mark.parametrize("name", sorted(OURS))
@pytest.mark.parametrize("fails", [fails_before, fails_after], ids=["before", "after"])
def test_nothing_is_kept_when_the_trail_cannot_be_written(bench, name, fails):
    arguments = SAMPLES[name](bench)
    before = everything(bench.world)
    bench.patch.setattr(audit, "record", fails(audit.record))
    with pytest.raises(TrailBroken):
        OURS[name](**arguments)
    assert everything(bench.world) == before


@pytest.mark.parametrize("name", sorted(OURS))
def test_nothing_happens_without_the_permission(bench, name):
    arguments = SAMPLES[name](bench)
    arguments["by"] = dataclasses.replace(arguments["by"], role=NOBODY)
    before = everything(bench.world)
    with pytest.raises(PermissionDenied):
        OURS[name](**arguments)
    assert everything(bench.world) == before


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_is_done_leaves_a_line_in_the_trail(bench, name):
    arguments = SAMPLES[name](bench)
    before = AuditEvent.objects.count()
    OURS[name](**arguments)
    assert AuditEvent.objects.count() > before
