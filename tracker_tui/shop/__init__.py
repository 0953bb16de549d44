"""One shop, open: what all acts go through, below the service."""
