"""What keeps the sign-up from being a weapon: tickets, proofs, limits, the hourly budget."""
