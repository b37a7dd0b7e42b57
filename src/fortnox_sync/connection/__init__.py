"""A merchant's consented link to one Fortnox company, and that company's lane."""
