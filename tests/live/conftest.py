"""Shows what became of the runs, at the end."""

from live.servers import TABLE

HEAD = ("server", "run", "exit", "answers", "tokens", "seconds", "how it ended")


def pytest_terminal_summary(terminalreporter):
    if TABLE:
        terminalreporter.section("live runs")
        for row in (HEAD, ["---"] * len(HEAD), *TABLE):
            terminalreporter.write_line(f"| {' | '.join(map(str, row))} |")
