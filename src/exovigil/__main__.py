"""``python -m exovigil`` is the ``exovigil`` command."""

from exovigil.cli import main

if __name__ == "__main__":
    main()
