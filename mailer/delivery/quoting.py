"""Quoted-printable, piece by piece (RFC 2045 section 6.7).

Each piece of a text is encoded by itself and ends with its line, at a soft line break where the
text goes on. So a literal is encoded once for all readers, and what stands beside it changes
nothing in it.
"""

import re
from binascii import b2a_qp

# With its "=" at the end, no line is longer than the 76 characters of rule 5.
LONGEST_LINE = 75
SOFT = b"=\r\n"
# Rule 1, and rule 3: white space stays as it is, but never at the end of a line.
UNSAFE = re.compile(rb"[^\t -<>-~]|[\t ]\Z")
SPACES = re.compile(rb"[ \t]+")


def quoted(piece: str) -> bytes:
    """Return the lines of one piece, the last one ended too; nothing for an empty piece.

    A full stop never begins a line, so that no mail server has to double it (RFC 5321 section
    4.5.2). Lone surrogates become question marks.
    """
    data = piece.encode("utf-8", "replace")
    if len(data) <= LONGEST_LINE and b"\n" not in data:
        line = b2a_qp(data)
        if len(line) <= LONGEST_LINE and line[:1] != b".":
            return line + SOFT if line else line
    *whole, rest = data.split(b"\n")
    lines = b"".join(wrapped(escaped(line))[: -len(SOFT)] + b"\r\n" for line in whole)
    return lines + (wrapped(escaped(rest)) if rest else b"")


def escaped(line: bytes) -> bytes:
    return UNSAFE.sub(lambda found: b"=%02X" % found[0][0], line)


def wrapped(line: bytes) -> bytes:
    """Return an encoded line in as many as it needs, each at a soft break."""
    lines: list[bytes] = []
    while True:
        if line[:1] == b".":
            line = b"=2E" + line[1:]
        if len(line) <= LONGEST_LINE:
            return b"".join([*lines, line, SOFT])
        end = LONGEST_LINE
        # No escape is torn apart.
        end -= (line[end - 1 : end] == b"=") + 2 * (line[end - 2 : end - 1] == b"=")
        lines += [line[:end], SOFT]
        line = line[end:]


def relaxed(lines: bytes) -> bytes:
    """Return encoded lines in the relaxed form of RFC 6376 section 3.4.4.

    None of them ends in white space, so that runs of it are all there is to shorten.
    """
    return SPACES.sub(b" ", lines)


def has_runs(lines: bytes) -> bool:
    """Tell whether the relaxed form of encoded lines is another."""
    return b"  " in lines or b"\t" in lines
