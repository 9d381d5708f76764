"""Pages of the catalogue room: products, lots, decisions about lots, and stock."""
