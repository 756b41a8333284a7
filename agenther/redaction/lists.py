"""Words that rules go by, from `lists.toml`."""

import tomllib
from importlib.resources import files

LISTS: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath("lists.toml").read_text("utf-8"))
