"""The bookkeeping rules, pure: facts of a till go in, balanced vouchers come out."""
