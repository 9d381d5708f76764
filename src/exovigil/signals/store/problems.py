"""What stops an import: the file, the line and the way out are named, and nothing has been changed."""


class StoreError(ValueError):
    """The store or an import of it cannot go on; the store is as it was."""


class Unreadable(StoreError):
    """A file cannot be read as its format; ``line`` is 0 where the whole file is meant."""

    def __init__(self, file: str, why: str, line: int = 0) -> None:
        self.file, self.line, self.why = file, line, why
        super().__init__(f"{file}{f', line {line:,}' if line else ''}: {why}")


class Hostile(Unreadable):
    """The file asks for something no export needs: another folder, endless size, a zip in a zip."""
