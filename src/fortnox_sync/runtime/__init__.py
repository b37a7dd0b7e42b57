"""What the rooms stand on: the database, the bell, the vault, the clock and what is told of their work."""
