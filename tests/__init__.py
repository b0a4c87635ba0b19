"""The tests; each folder mirrors one package of mailer."""
