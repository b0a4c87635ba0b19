"""The tests of mailer.web, one module per blueprint."""
