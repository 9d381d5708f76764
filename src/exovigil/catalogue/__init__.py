"""Catalogue: what is given to patients.

Products with their declared and verified composition, dated legal statements per
jurisdiction, lots with release certificates, overrides, and each site's stock as a ledger.
"""
