"""Commands of the command line for sets of failures that organisations share."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.logs import some_logs
from agenther.cli.options.results import OUT
from agenther.cli.options.sets import SIGN, TRUST, UNSIGNED, Unsigned, a_name, policy

if TYPE_CHECKING:
    from agenther.exchange.merge import Merged


@click.command()
@click.argument("path", metavar="NEW.pem", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", type=a_name, metavar="NAME", help="Whose key it is. Default: the name of the file.")
def key(path: Path, name: str | None) -> None:
    """Make a key to sign sets with, in the file NEW.pem, and print its public half.

    Only you can read the file; keep it out of folders that others get, and keep a copy: nobody can make it again. The
    line that is printed belongs into the trust files of those who shall know your sets. Each line there is NAME
    PUBLIC-KEY, and NAME is what your sets call themselves: OWNER of the dataset, unless you say otherwise.

    \b
      agenther key ~/keys/acme.pem
      agenther push runs/a acme/failures --failures --sign ~/keys/acme.pem
    """
    with errors_reported():
        from agenther.exchange.keys import make

        click.echo(f"{name or a_name(path.stem)} {make(path)}")


@click.command()
@click.argument("sets", metavar="SET...", nargs=-1, required=True, type=some_logs)
@OUT(metavar="DIR", help="A new or empty folder.")
@TRUST
@UNSIGNED
@SIGN
def merge(
    sets: tuple[Path | str, ...],
    out: Path,
    trust: Path | None,
    unsigned: Unsigned,
    key: Path | None,
) -> None:
    """Merge sets of failures, as `agenther push --failures` writes them, into one in the folder DIR.

    SET is a folder, or hf://datasets/OWNER/NAME[@REVISION]. Records that are the same are joined, those that
    contradict each other are both kept and named in DIR/conflicts.jsonl, and DIR/provenance.jsonl tells of each record
    who gives it and who signed for it. Neither the order matters nor whether some were merged before: what comes out is
    the same, byte for byte, and is a set again. Nothing is weighed or set aside before `agenther push DIR`.

    \b
      agenther merge acme/ hf://datasets/beta/failures@v1 --out merged/ --trust trusted.txt
      agenther push merged/ me/together --dry-run look/
    """
    with errors_reported():
        from agenther.exchange.merge import merge as together
        from agenther.exchange.reading import WANTED
        from agenther.hub import pull
        from agenther.places import cache_folder, endpoint

        cache = cache_folder() / "hub/sets"
        folders = [
            pull(one, cache, wanted=WANTED, endpoint=endpoint()) if isinstance(one, str) else one for one in sets
        ]
        tell(together(folders, out, policy(trust, unsigned), key), out)


def tell(done: "Merged", out: Path) -> None:
    """What is in a merged set."""
    from agenther.cli.show import show
    from agenther.tally.counts import Table

    conflicts = [(one.why, one.id) for one in done.conflicts]
    show(
        [
            Table("Who gives what", ("source", "records"), tuple((name, str(n)) for name, n in done.sources.items())),
            Table("Marked", ("because", "records"), tuple((why, str(n)) for why, n in sorted(done.marks.items()))),
            Table("Conflicts, of which both sides are kept", ("because", "of"), tuple(conflicts[:20])),
        ]
    )
    counts = ", ".join(f"{n} {config}" for config, n in done.records.items())
    joined = done.given - sum(done.records.values())
    click.echo(f"{counts}; {joined} joined, {len(conflicts)} conflicts -> {out}/")
