"""The tests of mailer.audience, on real databases."""
