"""Commands of the command line that publish datasets, and fetch logs."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.logs import a_repo, on_hub
from agenther.cli.options.means import RUN
from agenther.cli.options.sets import FAILURES, TRUST, UNSIGNED, Unsigned, check_of_set, policy, the_set
from agenther.errors import HubError
from agenther.extras import needs

if TYPE_CHECKING:
    from agenther.exchange.export import Exported
    from agenther.exchange.pile import Pile
    from agenther.hub.publish import Publication


@click.command()
@RUN
@click.argument("repo", metavar="OWNER/NAME", type=a_repo)
@click.option("--private/--public", default=True, show_default=True, help="Who may see the dataset.")
@click.option("--tag", metavar="NAME", help="Name the commit, such as v1. Default of a later round: round-2 …")
@click.option(
    "--dry-run",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the same files into DIR, to look at. Sends nothing.",
)
@FAILURES
def push(run: Path, repo: str, private: bool, tag: str | None, folder: Path | None, **of_set: Any) -> None:
    """Publish the datasets of the run folder RUN as OWNER/NAME on the Hugging Face Hub, in one commit.

    Secrets and personal data become placeholders first, the same for the same value; what they are made with stays
    in RUN/redaction.key, which is never published. The card shows two figures, of counts alone. The token is that of
    HF_TOKEN, or of `hf auth login`.

    With --failures the runs that failed are published, too, with what is known of why (config `failures`), lessons of
    them, and triplets of runs for encoders (`contrast`), as a set that `agenther merge` takes. RUN may be such a merged
    set, too: no source has more than a share of the weight, and what is at fault is set aside, with the reason.

    \b
      agenther push runs/a me/lamps --dry-run look/
      agenther push runs/a me/lamps --tag v1
      agenther push runs/a me/lamps --failures --lessons lessons/ --sign ~/keys/me.pem
    """
    with errors_reported():
        needs("publish")
        from agenther.exchange.export import is_set
        from agenther.hub.publish import Target, publish
        from agenther.pages.card import card_figures
        from agenther.places import endpoint
        from agenther.store.forgetting import check

        target = Target(repo, private, tag, folder, endpoint())
        if is_set(run):
            from agenther.exchange.export import export
            from agenther.exchange.keys import trusted

            check_of_set(of_set)
            trust = of_set["trust"] and trusted(of_set["trust"])
            tell_export(export(run, target, of_set["share"], trust), folder)
            return
        check(run)
        if choice := the_set(repo, of_set):
            from agenther.exchange.push import push as with_failures

            done, left_out = with_failures(run, target, card_figures, choice)
            tell(done, folder, left_out)
        else:
            tell(publish(run, target, card_figures), folder)


def tell_export(done: "Exported", folder: Path | None) -> None:
    """What of a set was published, and what was set aside."""
    from agenther.cli.show import show
    from agenther.tally.counts import Table

    held = [
        (test.source, f"{test.faults} of {test.of}", f"{test.others} of {test.others_of}", f"{test.p_value:.2g}")
        for test in done.tests
    ]
    shares = tuple((name, f"{share:.0%}") for name, share in done.shares.items())
    out = [test.words for test in done.tests if test.is_out]
    aside = tuple((config, str(n)) for config, n in sorted(done.aside.items()))
    show(
        [
            Table("Records at fault", ("source", "its own", "of all others", "p"), tuple(held)),
            Table("Weight of failures", ("source", "share"), shares),
            Table("Set aside, see set_aside.jsonl", ("config", "records"), aside),
        ]
    )
    for words in out:
        click.echo(words)
    tell(done.publication, folder)


def tell(done: "Publication", folder: Path | None, lessons: Mapping[str, int] = MappingProxyType({})) -> None:
    """What was published, and where; of lessons that were not, why."""
    from agenther.cli.show import show
    from agenther.tally.counts import Table

    files = tuple((file.path, str(file.rows)) for file in done.made.rows)
    out = tuple((why, str(n)) for why, n in sorted(lessons.items()))
    show([Table("Published", ("file", "rows"), files), *done.cleaner.tables(), Table("Left out", ("", "lessons"), out)])
    rows = sum(file.rows for file in done.made.rows)
    left_out = done.cleaner.left_out.total()
    more = f", {left_out} left out" if left_out else ""
    if done.pushed is None:
        click.echo(f"{rows} rows{more} -> {folder}/ (nothing was sent)")
    else:
        commit = f"commit {done.pushed.commit[:10]}"
        state = commit if done.pushed.changed else f"nothing changed since {commit}"
        click.echo(f"{rows} rows{more} -> {done.pushed.url} ({state})")


@click.command()
@click.argument("address", metavar="hf://datasets/OWNER/NAME[@REVISION]", type=on_hub)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@TRUST
@UNSIGNED
def pull(address: str, folder: Path, trust: Path | None, unsigned: Unsigned) -> None:
    """Fetch the logs in a dataset on the Hugging Face Hub into the new folder DIR.

    `agenther run` and `agenther inspect` also take such an address in the place of LOGS. A set of failures, as
    `agenther push --failures` writes it, is checked before it is there: its records by its manifest, and that by its
    signatures.

    \b
      agenther pull hf://datasets/me/logs logs/
      agenther run hf://datasets/me/logs@v1 --out runs/a
      agenther pull hf://datasets/acme/failures acme/ --trust trusted.txt
    """
    with errors_reported():
        from agenther.exchange.reading import WANTED, fetched
        from agenther.hub import LOGS, copy
        from agenther.places import cache_folder, endpoint

        rules = policy(trust, unsigned)

        def check(found: Path) -> None:
            the_set = fetched(found, rules)
            if the_set:
                click.echo(f"a set of {len(the_set.records)} records: {', '.join(vouched(the_set))}")
            elif trust or unsigned:
                raise HubError(address, "holds no set, and --trust and --unsigned are about sets")

        wanted = (*LOGS, *WANTED)
        files = copy(address, cache_folder() / "hub/pulled", folder, wanted=wanted, check=check, endpoint=endpoint())
        click.echo(f"{files} files -> {folder}/")


def vouched(the_set: "Pile") -> Iterator[str]:
    """Who wrote the manifests of a set, and what vouches for it."""
    for name, one in the_set.known().items():
        yield f"{one.organisation}, {'signed' if the_set.signature(name) else 'not signed'}"
    if the_set.strays:
        yield f"{len(the_set.strays)} that no manifest names"
