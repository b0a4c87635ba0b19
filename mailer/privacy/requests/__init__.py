"""The register of what people ask for: received, identified, closed, each by its clock."""
