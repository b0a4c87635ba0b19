"""The rules, one family to a module; `gate.RULES` puts them in order."""
