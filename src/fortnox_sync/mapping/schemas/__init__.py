"""Bodies of the calls on mappings, cost centres, settings and pick lists."""
