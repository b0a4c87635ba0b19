"""A person's archive: what it must hold, its words, and the tables where a sealed one waits."""
