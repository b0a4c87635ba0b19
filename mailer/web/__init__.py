"""HTTP in, HTML or JSON out: one module per blueprint."""
