"""What models cost, and what may still be spent."""
