"""Evidence: what is published, how far it was read, and what it does not show.

Studies, harms, trials and reviews as dated, sourced facts; the evidence-gap map over
conditions and product classes.
"""
