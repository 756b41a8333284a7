"""What people say of the pairs that a run made and refused, and what follows from it for the gate."""
