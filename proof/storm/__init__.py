"""The real service in bad weather, by a clock of its own: whatever strikes, each sale is booked once."""
