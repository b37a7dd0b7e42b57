"""What the till told us: taken in at the door, kept, and added up."""
