"""From a frozen audience to wire bytes, and what became of each."""
