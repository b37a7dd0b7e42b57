"""Why something waits, and the remediation: errors go in, typed faults with facts and words come out."""
