"""How long data about people is kept, what is on hold, and the run that throws away the rest."""
