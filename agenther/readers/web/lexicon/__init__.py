"""Names that browser environments give their actions and arguments."""
