"""The review page served until it is stopped, to this machine alone."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe

import uvicorn

from agenther.errors import AgentHERError
from agenther.review.app import Site, app
from agenther.review.archive import Archive
from agenther.review.desk import Desk
from agenther.review.draw import Card
from agenther.review.shelf import Shelf
from agenther.store.book import Book

HERE = "127.0.0.1"


def serve(folder: Path, cards: list[Card], rater: str, each: int, port: int, told: Callable[[str], None]) -> None:
    """Returns, or raises KeyboardInterrupt, when it is stopped. `told` gets the address. Raises StoreError for a
    damaged ratings file, before anybody rates.
    """
    desk = Desk(Book(folder), cards, rater, each)
    desk.progress()
    with (
        _listening(port) as listener,
        Archive(folder, {one.item.run_id for card in cards for one in card.shown}) as runs,
    ):
        token, at = token_urlsafe(24), listener.getsockname()[1]
        made = server(Site(desk, Shelf(cards, runs), folder.resolve().name), token, at)
        told(f"http://{HERE}:{at}/{token}/")
        made.run(sockets=[listener])


def server(site: Site, token: str, port: int) -> uvicorn.Server:
    """For a socket that listens at that port already."""
    return uvicorn.Server(
        uvicorn.Config(
            app(site, token, port),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,  # addresses hold the token
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HERE, port))
        except OSError as error:
            raise AgentHERError(f"port {port} cannot be used: {error.strerror}; choose another --port") from error
        listener.listen()
        yield listener
