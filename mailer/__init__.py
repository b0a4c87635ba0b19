"""Mailer: a newsletter manager that cannot send an unlawful campaign."""

__version__ = "0.1.0"
