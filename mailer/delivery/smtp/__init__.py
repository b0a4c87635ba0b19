"""The one door out: an SMTP client that says what happened and in which phase (RFC 5321)."""
