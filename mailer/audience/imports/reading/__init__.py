"""From uploaded bytes to people: archives, encodings, dialects, columns, addresses."""
