"""The demonstration world: declared synthetic, built from a seed through the rooms' own actions.

``plan`` decides what happens (pure, no database), ``build`` carries it out, ``command`` tells and serves.
"""
