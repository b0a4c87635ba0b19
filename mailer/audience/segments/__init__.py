"""Fields that are kept about readers, and segments: rules that pick readers by what is known."""
