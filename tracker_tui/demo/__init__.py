"""A made-up shop to look at."""
