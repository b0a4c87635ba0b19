"""Access, correction, erasure: it walks everything below it."""
