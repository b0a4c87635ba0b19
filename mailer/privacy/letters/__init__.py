"""Letters from readers: kept, read by the program, acted on, and shown to a person in doubt."""
