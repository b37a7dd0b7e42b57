"""Bodies of the calls on the integration, exports, vouchers, days and the statement."""
