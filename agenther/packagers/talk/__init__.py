"""A run as a conversation: its turns, what is cut out, its thoughts and tools, and the rules for its messages."""
