"""What knows only text: dates, numbers, names, words and verbs. It knows no run."""
