"""Loaded before the settings are: tests keep their files in a directory of their own."""

import os
import tempfile

os.environ["EXOVIGIL_DATA"] = os.environ.get("EXOVIGIL_TEST_DATA") or tempfile.mkdtemp(
    prefix="exovigil-tests-"
)
os.environ.setdefault("EXOVIGIL_EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
