"""What models cost. Known prices come from the list inside the litellm package, which is read without importing it.

A model that is in no list and is asked on this machine or in a private network alone is one's own, and costs nothing.
One that is listed keeps its price there too, since what answers to its name is most likely a proxy to its provider.
"""

import importlib.util
import ipaddress
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agenther.errors import ModelError
from agenther.settings import Endpoint, Price

LIST = "model_prices_and_context_window_backup.json"
MILLION = 1_000_000
THIS_MACHINE = ("localhost", "host.docker.internal")
"""Names of it; the second, from within a container. Of other names only a resolver knows where they lead."""
PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("127.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("::1/128", "::/128", "fc00::/7", "fe80::/10"),
    )
)
"""Loopback, RFC 1918, link-local, unique local."""


def prices(
    endpoints: Iterable[Endpoint], given: Mapping[str, Price], *, allow_unknown: bool = False, capped: bool = False
) -> dict[str, Price]:
    """The price of each model that has one. Raises ModelError for one that has none, unless that is allowed.

    Where the cost is `capped` it is not, since what has no price cannot be counted.
    """
    endpoints = list(endpoints)
    known = _listed() if any(model not in given for model, _ in endpoints) else {}
    away = {model for model, address in endpoints if not is_local(address)}
    found: dict[str, Price] = {}
    for model in dict.fromkeys(model for model, _ in endpoints):
        price = given.get(model) or _price(model, known) or (None if model in away else Price())
        if price:
            found[model] = price
        elif capped or not allow_unknown:
            instead = "leave out --max-cost" if capped else "go on without with --allow-unknown-cost"
            raise ModelError(
                model,
                f"its price is not known{', so --max-cost cannot be kept' if capped else ''}; give it in USD per "
                f"million tokens with --price {model}=IN,OUT ({model}=0,0 if it is your own), or {instead}",
            )
    return found


def is_local(address: str | None) -> bool:
    """Does the address of an endpoint lead for certain to this machine, or into a private network?"""
    try:
        host = (urlsplit(address or "").hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        ip = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host in THIS_MACHINE or host.endswith(".localhost")
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in PRIVATE)


def longest(models: Iterable[str]) -> dict[str, int]:
    """How many tokens each model may answer at most, where that is known."""
    known = _listed()
    found = {model: _entry(model, known, "max_output_tokens").get("max_output_tokens") for model in models}
    return {model: most for model, most in found.items() if isinstance(most, int) and most > 0}


def parsed(text: str) -> tuple[str, Price]:
    """(model, price) from MODEL=IN,OUT or MODEL=IN,OUT,CACHED in USD per million tokens. Raises ValueError."""
    model, _, amounts = text.rpartition("=")
    numbers = [float(amount) / MILLION for amount in amounts.split(",")]
    if not model.strip() or len(numbers) not in {2, 3} or not all(0 <= number < 1 for number in numbers):
        raise ValueError(text)
    return model.strip(), Price(prompt=numbers[0], completion=numbers[1], cached=numbers[-1 if numbers[2:] else 0])


def _listed() -> dict[str, Any]:
    found = importlib.util.find_spec("litellm")
    for folder in found.submodule_search_locations or () if found else ():
        if (path := Path(folder) / LIST).exists():
            listed = json.loads(path.read_text("utf-8"))
            return listed if isinstance(listed, dict) else {}
    return {}


def _price(model: str, listed: Mapping[str, Any]) -> Price | None:
    entry = _entry(model, listed, "input_cost_per_token", "output_cost_per_token")
    if not entry:
        return None
    prompt = float(entry["input_cost_per_token"])
    cached = float(entry.get("cache_read_input_token_cost") or prompt)
    return Price(prompt=prompt, cached=cached, completion=float(entry["output_cost_per_token"]))


def _entry(model: str, listed: Mapping[str, Any], *needed: str) -> dict[str, Any]:
    """What is listed by the model's whole name, or without its provider, and tells what is needed; else nothing."""
    for name in (model, model.partition("/")[2]):
        entry = listed.get(name)
        if isinstance(entry, dict) and all(one in entry for one in needed):
            return entry
    return {}
