"""MIME (RFC 2045-2049): which parts of a message readers are shown, and their text."""
