# ruff: noqa: A005 - tests mirror the rooms by name
