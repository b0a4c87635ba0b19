"""The rules of a lawful campaign: frozen values in, verdicts out."""
