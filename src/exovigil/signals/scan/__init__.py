"""The scan: every product and reaction that were reported together, counted and measured.

Counts are of distinct reports. A report takes part when it names at least one product in the chosen
roles and at least one reaction; the others cannot form a pair and are in no cell of any table.

Two ways lead to the same counts: ``expression`` says them once in Ibis, for DuckDB and for Spark;
``kernel`` counts a dictionary-encoded copy of the store in NumPy and SciPy, many times faster.
Nothing here imports Django.
"""
