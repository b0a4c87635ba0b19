"""Incidents: the register of breaches, whom they affected, and who was told what by when."""
