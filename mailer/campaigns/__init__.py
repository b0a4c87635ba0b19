"""What a marketer composes, and the states a campaign goes through."""
