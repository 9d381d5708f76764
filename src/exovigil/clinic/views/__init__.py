"""Pages of the clinic room, one file per noun."""
