"""Faults F-01 to F-16: real processes are killed, starved and lied to; the accounts must agree."""
