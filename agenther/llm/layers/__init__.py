"""What lies between the program and a client; each layer is a model itself. `access.py` puts them together."""
