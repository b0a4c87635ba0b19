"""The tests of mailer.compliance."""
