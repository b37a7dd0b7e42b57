"""Torn wires: real sockets between the service and a simulated Fortnox, and every harm done to them."""
