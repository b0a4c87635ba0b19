"""The tests of mailer.privacy.policy."""
