"""Options that belong together, as one decorator."""

from collections.abc import Callable

Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def group(*options: Decorator) -> Decorator:
    """Gives a command these options, in this order."""

    def given(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return given
