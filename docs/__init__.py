"""The documentation; ``python -m docs.build`` makes the reference pages from the content files and the code."""
