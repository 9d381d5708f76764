"""Vigilance: what went wrong, and who must hear of it.

Reactions become cases with seriousness and causality; cases become reports in ICH E2B(R3),
which are checked before anyone sends them.
"""
