"""The command line: arguments -> settings -> assemble -> run -> print.

What only one command needs is imported inside it: `agenther run --help` loads no model client and no polars.
"""

from agenther.cli.program import main

__all__ = ["main"]
