"""The tests of mailer.cli."""
