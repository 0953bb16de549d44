"""The parts of the app: which screen stands where, and who answers its messages."""
