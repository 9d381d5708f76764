"""Statistics: arrays in, frozen result objects out.

Sequential tests, exact intervals and what else decides whether something is more than
chance. Nothing here reads a file, a clock or a database, and nothing imports Django, so that
each method can be tested against published results, a brute-force oracle and an invariant.
"""
