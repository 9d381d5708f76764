"""Encryption at rest: identifiers in the database and photographs on disk.

Fernet (AES-128-CBC with HMAC-SHA-256). The first key of ``settings.FIELD_KEYS`` encrypts, every key decrypts, so
that keys can be rotated without a moment in which data cannot be read.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class SealBroken(ValueError):
    """Stored data cannot be decrypted: the key is not the one it was sealed with, or it was altered."""


@lru_cache(maxsize=4)
def _vault(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal(data: bytes) -> bytes:
    """Encrypt with the current key."""
    return _vault(tuple(settings.FIELD_KEYS)).encrypt(data)


def unseal(token: bytes) -> bytes:
    """Decrypt; raises SealBroken when no key fits."""
    try:
        return _vault(tuple(settings.FIELD_KEYS)).decrypt(token)
    except InvalidToken as error:
        raise SealBroken(
            "stored data cannot be decrypted; check that EXOVIGIL_FIELD_KEYS or secrets.json is the one in use "
            "when it was written"
        ) from error


if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class EncryptedTextField(_Text):
    """Text that the database only ever sees encrypted; it cannot be searched or sorted by."""

    def get_prep_value(self, value: Any) -> Any:
        """Seal on the way in; empty stays empty so that "not given" needs no key."""
        text = super().get_prep_value(value)
        return seal(text.encode()).decode() if text else text

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        """Unseal on the way out."""
        return unseal(value.encode()).decode() if value else value
