"""Photographs: redrawn, sealed and written to disk together with their row, and every look at one recorded."""

import functools
import hashlib
import os
import tempfile
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.core.files.base import File

from exovigil.clinic import links
from exovigil.clinic.models import FollowUpAnswer, Photo
from exovigil.clinic.photos import NotAPhotograph, clean
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.governance.vault import SealBroken, seal, unseal

P = ParamSpec("P")
R = TypeVar("R")
MOST_PHOTOS = 6  # photographs with one answer

_written: ContextVar[tuple[Path, ...]] = ContextVar("sealed_files_written", default=())


def files_follow_the_transaction(act: Callable[P, R]) -> Callable[P, R]:
    """Wrap an action so that the files it wrote are removed when its transaction fails.

    A file is complete on disk before its row commits, so a row always has its file; a process killed in between
    leaves at worst a sealed file that no row names.
    """

    @functools.wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        token = _written.set(())
        try:
            return act(*args, **kwargs)
        except BaseException:
            for path in _written.get():
                path.unlink(missing_ok=True)
            raise
        finally:
            _written.reset(token)

    return run


@files_follow_the_transaction
@action(Permission.ANSWER_FOLLOW_UP)
def add_photo(*, by: Actor, site: Site, answer: FollowUpAnswer, photo: "File[bytes]") -> Photo:
    """Add a photograph to an answer that was given through the patient's own link."""
    try:
        link = links.of_actor(by)
    except links.LinkProblem as problem:
        raise Refused("This link can no longer be used. Please call the clinic.") from problem
    if link.follow_up_id != answer.follow_up_id or answer.channel != FollowUpAnswer.Channel.PATIENT:
        raise Refused("This photograph does not belong to an answer of this link.")
    return keep(by=by, site=site, answer=answer, photo=photo)


@action(Permission.VIEW_CASES)
def read_photo(*, by: Actor, site: Site, photo: Photo) -> bytes:
    """Unseal a photograph for someone who may see it; the reading itself is what is recorded."""
    if photo.site_id != site.pk:
        raise Refused("This photograph belongs to another site.")
    try:
        jpeg = unseal(path_of(photo.pk).read_bytes())
    except (OSError, SealBroken) as error:
        raise Refused(
            "This photograph cannot be read: its file is missing or was sealed with another key. "
            "Ask whoever runs Exovigil to restore it from a backup."
        ) from error
    if hashlib.sha256(jpeg).hexdigest() != photo.sha256:
        raise Refused(
            "This photograph is not the one that was sent: its file was replaced. Tell whoever runs Exovigil."
        )
    audit.record("clinic.photo.read", by=by, target=photo, site=site)
    return jpeg


def keep(*, by: Actor, site: Site, answer: FollowUpAnswer, photo: "File[bytes]") -> Photo:
    """Store a photograph inside a running action; the caller's action must follow its transaction."""
    if Photo.objects.filter(answer=answer).count() >= MOST_PHOTOS:
        raise Refused(
            f"There are {MOST_PHOTOS} photographs already, which is as many as can be kept.", "photo"
        )
    if photo.file is None:
        raise Refused("The photograph did not arrive. Choose it again.", "photo")
    try:
        cleaned = clean(photo.file)
    except NotAPhotograph as problem:
        raise Refused(str(problem), "photo") from problem
    row = Photo.objects.create(
        site=site, answer=answer, sha256=cleaned.sha256, width=cleaned.width, height=cleaned.height
    )
    audit.record("clinic.photo.added", by=by, target=row, site=site, answer=answer.pk, sha256=cleaned.sha256)
    try:
        _write(path_of(row.pk), seal(cleaned.jpeg))
    except OSError as error:
        raise Refused(
            "The photograph could not be stored, perhaps because the clinic's disk is full. It was not kept: "
            "please try again later, or call the clinic.",
            "photo",
        ) from error
    return row


def path_of(photo_id: uuid.UUID) -> Path:
    """Where the sealed file of a photograph is."""
    return Path(settings.MEDIA_ROOT) / f"{photo_id}.sealed"


def _write(path: Path, data: bytes) -> None:
    """Write the whole file or none of it, durably, readable by the owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _written.set((*_written.get(), path))
        os.replace(draft, path)
        _sync_directory(path.parent)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
