"""Dossier: what is known about one product class for one condition.

Brings published evidence, published harms, registry experience and legal standing onto one
page, every number of which can be opened, and keeps each edition as it was published.
"""
