"""The tests of mailer.privacy.promises."""
