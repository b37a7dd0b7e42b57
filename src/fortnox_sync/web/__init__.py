"""The HTTP edge: problems, principals, and what every route needs."""
