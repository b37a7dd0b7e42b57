"""The till's door while a crowd of strangers stands before it."""
