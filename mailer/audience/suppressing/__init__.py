"""Refusals as staff keep them: put in force, found, ended, and exchanged with others."""
