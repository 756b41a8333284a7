"""Whether a lesson helps an agent of the user's: a trial of three arms, and what came of it."""
