"""How well the decisive steps of labelled runs are found."""
