"""Secrets that are made once and kept beside the data, for installations that set none."""

import json
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet


def load_secrets(data_dir: Path, secret_key: str, field_keys: list[str]) -> tuple[str, list[str]]:
    """Return the signing key and the field encryption keys (first encrypts, all decrypt).

    What the environment gives wins. Otherwise both come from ``secrets.json`` in the data directory, which is
    made with owner-only permissions the first time. Losing that file loses the identifiers: back it up apart.
    """
    if secret_key and field_keys:
        return secret_key, field_keys
    path = data_dir / "secrets.json"
    if not path.exists():
        _create(path)
    kept = json.loads(path.read_text(encoding="utf-8"))
    return secret_key or kept["secret_key"], field_keys or kept["field_keys"]


def _create(path: Path) -> None:
    """Write new secrets; two processes starting together must end up with the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = json.dumps(
        {"secret_key": secrets.token_urlsafe(50), "field_keys": [Fernet.generate_key().decode()]}
    )
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())  # before anything is sealed with them: nothing opens it if they are lost
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
