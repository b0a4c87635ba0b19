"""The tests of mailer.accounts."""
