"""The law as pure functions: a rendered message goes in, findings come out.

A new rule is one `Rule` in the family it belongs to (`rules/…`) and one line in `gate.RULES`.
Nothing here opens a file, a socket or a database, reads a clock, or writes into what it is given.
"""
