"""A relay in a process of its own: it takes mail, and can prove which."""
