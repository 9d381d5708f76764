"""How this building writes dates."""
