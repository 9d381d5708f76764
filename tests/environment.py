"""Loaded before the settings are: tests keep their files in a directory of their own."""

import os
import tempfile

import hypothesis

os.environ["EXOVIGIL_DATA"] = os.environ.get("EXOVIGIL_TEST_DATA") or tempfile.mkdtemp(
    prefix="exovigil-tests-"
)
os.environ.setdefault("EXOVIGIL_EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")

# A busy machine makes a single example slow; that is no failure of the code.
hypothesis.settings.register_profile("exovigil", deadline=None)
hypothesis.settings.load_profile("exovigil")
# Playwright leaves its event loop running in the worker; without this Django refuses every later query there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
