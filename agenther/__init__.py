"""agenther: hindsight relabeling of failed LLM-agent runs (AgentHER, arXiv 2603.21357).

What programs call stands in `agenther.library`, which is loaded when one of its names is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.2.0"
__all__ = ["Choices", "How", "Means", "Settings", "Start", "arun", "package", "read", "relabel", "run"]

if TYPE_CHECKING:
    from agenther.library import Choices, How, Means, Settings, Start, arun, package, read, relabel, run
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module("agenther.library"), name)

    def __dir__() -> list[str]:
        """What notebooks complete."""
        return sorted({*globals(), *__all__})
