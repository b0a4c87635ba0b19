"""The tests of mailer.delivery."""
