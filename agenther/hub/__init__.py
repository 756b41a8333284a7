"""The Hugging Face Hub: a run's datasets to a repository in one commit, and a repository's logs to a folder.

Nothing here talks to the network unless it is called, and then only to the Hub. Versions 1 and 2 of huggingface_hub
both work; it is imported inside the functions.
"""

from agenther.hub.commit import NAME, Pushed, push
from agenther.hub.download import ADDRESS, LOGS, copy, is_on_hub, pull
from agenther.hub.tree import Published, plan, write

__all__ = ["ADDRESS", "LOGS", "NAME", "Published", "Pushed", "copy", "is_on_hub", "plan", "pull", "push", "write"]
