"""The tests of mailer.campaigns."""
