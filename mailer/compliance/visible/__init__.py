"""What a reader of a message can see, worked out without a browser."""
