"""Which account plays which role, as the merchant chose it."""
