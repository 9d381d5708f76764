"""Signals: is it more than chance?

The watch over every lot and product with a known denominator, proposed duplicates, and the
alarm that opens an investigation.
"""
