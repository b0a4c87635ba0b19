"""Imports: a file of people taken in as a job that can be paused, resumed and undone.

An upload is read twice before anybody is touched: once for its shape (rows, doubles, what the
gate says of the addresses), once against what is known here (the dry run). The run itself does
what the dry run counted, some thousand rows in each transaction together with the place in the
file and the counts, so that a killed process costs nothing. No choice lifts an opt-out.
"""
