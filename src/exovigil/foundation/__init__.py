"""Foundation: what every room stands on and none owns.

Sourced reference content and its loader, dates that may be partial, the one chart theme, the
one way to print a paper, lists that filter, sort, page and export. No tables of its own and
no knowledge of exosomes: if a line here names a clinical idea, it lives in the wrong room.
"""
