"""Uploads: a file that is too large is not stored, and the form can say so."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from exovigil.foundation.forms import TOO_LARGE


class SizeLimitHandler(FileUploadHandler):
    """Stops keeping a file once it passes ``UPLOAD_FILE_LIMIT`` and notes its field on the request.

    The rest of the body is still read, so that the browser gets a page instead of a broken connection.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start counting the next file."""
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the chunk on, or drop the file."""
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_FILE_LIMIT and self.request is not None:
            self.request.META[TOO_LARGE] = self.field_name
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the finished file to the handlers after this one."""
