"""Forms of the clinic room, one file per page."""
