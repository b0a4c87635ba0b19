"""Senders, lists, readers, their consent and their refusals."""
