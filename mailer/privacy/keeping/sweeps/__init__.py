"""What goes when its period is over: one way of throwing away for each class."""
