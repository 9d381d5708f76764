"""Web: the building's front.

Settings, root addresses, middleware, the shared page shell, components and static files, and
each role's home page. It may import every room; no room imports it.
"""
