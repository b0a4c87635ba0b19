"""Tests of mailer.audience.moving."""
