"""The second factor: codes from a person's phone, and recovery codes for when it is lost."""
