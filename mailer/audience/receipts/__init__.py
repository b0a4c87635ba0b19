"""Consent receipts: what a person was shown and decided, signed so that anybody can check it."""
