"""Another address for the same reader: asked for on her page, agreed to by both mailboxes."""
