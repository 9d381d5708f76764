"""Exovigil's tests; ``python -m tests`` runs them all."""
