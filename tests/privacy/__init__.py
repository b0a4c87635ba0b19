"""The tests of mailer.privacy."""
