"""A run folder with something to rate, and the review page of it on a real socket."""

import http.client
import json
import re
import socket
import threading
from contextlib import contextmanager
from typing import NamedTuple

from crews import Cast, a_verdict
from folders import a_job, done, write_logs

from agenther.review.app import Site
from agenther.review.archive import Archive
from agenther.review.desk import Desk
from agenther.review.draw import drawn
from agenther.review.serve import server
from agenther.review.shelf import Shelf
from agenther.store.book import Book

GOOD = "Find a brass desk lamp in the shop and tell me its price."
BAD = "Buy the first lamp in the list."
HOSTILE = "</pre></script><script>alert(1)</script><img src=x onerror=alert(2)>"


class Divided(Cast):
    """Proposes two goals for each run, of which one is refused."""

    def judge(self, number):
        async def ask(_trajectory, proposal, _points):
            good = proposal.goal == GOOD
            return a_verdict(good, 0.95 if good else 0.8, reason="" if good else "Nothing was bought.")

        return ask


def a_run_folder(folder, runs=12):
    """Of each run one goal is accepted and one refused; the goals are the same in all."""
    seen = f'{{"name": "Orbit {HOSTILE}", "price": "$12.99"}}'
    steps = [
        {"action_name": "search", "action_input": {"q": HOSTILE}, "observation": '{"id": "L-7"}', "thought": HOSTILE},
        {"action_name": "open", "action_input": {"id": "L-7"}, "observation": seen},
    ]
    logs = write_logs(folder / "logs", range(1, runs + 1), steps=steps)
    done(logs, folder / "run", a_job(Divided(attempts=((GOOD, BAD),))))
    return folder / "run"


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def state(self):
        """What the page knows when it is opened."""
        return json.loads(re.search(r'id="data">(.*?)</script>', self.text, re.DOTALL)[1])


class Tab:
    """A browser's tab, as far as the server can tell."""

    def __init__(self, port, token):
        self.host = f"127.0.0.1:{port}"
        self.port = port
        self.token = token

    def ask(self, path, body=None, **headers):
        """`path` behind the token; headers with `_` for `-`, None for none."""
        return self.raw(f"/{self.token}/{path}", "GET" if body is None else "POST", body, **headers)

    def raw(self, path, method="GET", body=None, **headers):
        own = {"Host": self.host} | ({"Origin": f"http://{self.host}"} if method == "POST" else {})
        given = own | {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.putrequest(method, path, skip_host=True)
            sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            for name, value in given.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(sent or b"")))
            connection.endheaders(sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()

    def say(self, n, **said):
        return self.ask(f"{n}/said", said)

    def to(self, path=""):
        """Where it leads."""
        answer = self.ask(path)
        assert answer.status == 303
        return answer.headers["location"]


@contextmanager
def review(run, rater="ada", raters=1, order="random", every=0, *, in_pairs=False):
    """A tab of the review page of the run folder."""
    cards = drawn(run, order, every, in_pairs=in_pairs)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Archive(run, {one.item.run_id for card in cards for one in card.shown}) as runs,
    ):
        port = listener.getsockname()[1]
        made = server(Site(Desk(Book(run), cards, rater, raters), Shelf(cards, runs), "run"), "token", port)
        thread = threading.Thread(target=made.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            tab = Tab(port, "token")
            tab.cards = cards
            yield tab
        finally:
            made.should_exit = True
            thread.join(10)
            assert not thread.is_alive()
