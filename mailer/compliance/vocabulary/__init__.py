"""The words by which the rules know what a text speaks of, language by language."""
