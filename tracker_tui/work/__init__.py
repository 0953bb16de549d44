"""What threads and commands do with an open shop."""
