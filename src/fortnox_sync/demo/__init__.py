"""The demonstration: a till, a BackOffice and a Fortnox around the real service, on one machine."""
