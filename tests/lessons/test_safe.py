"""No field of a lesson holds what our own rules could not have written, whoever wrote the lesson."""

import pytest
from click.testing import CliRunner
from hostile import NAME, ORDERS, SENTENCE
from test_hostile import RUN, a_lesson

from agenther.cli import main
from agenther.lessons.folder import as_frozen, dropped
from agenther.lessons.records import Cited, Kind, Signature, When, named
from agenther.lessons.safe import fault
from agenther.lessons.situation import Situation, fits

ORDER = " ".join(ORDERS)
HOST = ".".join(ORDERS)


def of(**changes):
    """A lesson of ours but for what is changed, in its signature, in when it applies, or elsewhere."""
    signature, when, others = {}, {}, {}
    for name, value in changes.items():
        (signature if name in Signature.model_fields else when if name in When.model_fields else others)[name] = value
    one = a_lesson()
    situation = Signature(**{"kind": Kind.REPAIRED, "tool": "book", "error": "not found #0123abcd", **signature})
    told = When(**{"signature": situation, "tools": ("book",), **when})
    said = {name: others.get(name, getattr(one, name)) for name in ("wrong", "instead")}
    return one.model_copy(update={"when": told, "id": named(situation, **said), "run_ids": (RUN,), **others})


def citing(**changes):
    return (Cited(**{"text": "an error", "step": 1, "quote": "not found", "run_id": RUN, **changes}),)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"wrong": ORDER}, id="a sentence"),
        pytest.param({"instead": f"Call `{NAME}`."}, id="a tool to call"),
        pytest.param({"instead": f"Give `{HOST}`."}, id="an argument, one in the other"),
        pytest.param({"instead": f"Give `{'-'.join(ORDERS)}`."}, id="an argument"),
        pytest.param({"instead": f"Give `day` as “{'-'.join(ORDERS[:5])}”."}, id="a value"),
        pytest.param({"wrong": f"`book` fails with “not found. {ORDER}”."}, id="an error"),
        pytest.param({"id": ORDER}, id="an id"),
        pytest.param({"id": "lesson-0123456789abcdef"}, id="the id of another"),
        pytest.param({"tools": ("book", ORDER)}, id="when.tools"),
        pytest.param({"tools": ("book", "x" * 65)}, id="when.tools, long"),
        pytest.param({"sites": (ORDER,)}, id="when.sites"),
        pytest.param({"templates": (NAME,)}, id="when.templates"),
        pytest.param({"templates": (f"template #{NAME}",)}, id="when.templates, as a mark"),
        pytest.param({"others": (Signature(kind=Kind.LOOP, error=ORDER),)}, id="when.others"),
        pytest.param({"tool": ORDER, "tools": (ORDER,)}, id="signature.tool"),
        pytest.param({"tool": f"tool {ORDER}", "tools": (f"tool {ORDER}",)}, id="signature.tool, hidden"),
        pytest.param({"error": ORDER}, id="signature.error"),
        pytest.param({"error": f"not found {ORDER}"}, id="signature.error, behind ours"),
        pytest.param({"error": f"not found #{NAME}"}, id="signature.error, as a mark"),
        pytest.param({"kind": Kind.LOST, "error": f"/{'/'.join(ORDERS)} #0123abcd"}, id="a page"),
        pytest.param({"site": "evil.example"}, id="signature.site, elsewhere"),
        pytest.param({"domain": NAME}, id="signature.domain"),
        pytest.param({"template": "mail"}, id="signature.template"),
        pytest.param({"agents": (NAME,)}, id="an agent"),
        pytest.param({"by": ORDER}, id="by"),
        pytest.param({"by": NAME}, id="by, as a name"),
        pytest.param({"run_ids": (RUN, ORDER)}, id="a run"),
        pytest.param({"run_ids": (f"{'-'.join(ORDERS[:5])}-0123456789abcdef",)}, id="a run of an odd format"),
        pytest.param({"first_seen": ORDER}, id="a date"),
        pytest.param({"expires": "20260101"}, id="a date in another form"),
        pytest.param({"failures": citing(quote=ORDER)}, id="a quote"),
        pytest.param({"failures": citing(quote=f"not found: {SENTENCE}")}, id="a quote, behind an error"),
        pytest.param({"successes": citing(quote="-".join(ORDERS))}, id="a quote of what worked"),
        pytest.param({"failures": citing(quote="not \u202efound")}, id="a quote with what nobody sees"),
        pytest.param({"failures": citing(quote="mia.li@example.com")}, id="a private quote"),
        pytest.param({"failures": citing(text=ORDER)}, id="what a quote is said to be"),
        pytest.param({"failures": citing(run_id=ORDER)}, id="the run of a quote"),
        pytest.param({"tool": "", "tools": ()}, id="names a tool, and fits everywhere"),
        pytest.param({"tool": ""}, id="names a tool, and fits as a habit"),
        pytest.param({"tool": "", "tools": (), "sites": ("shop.example",)}, id="names a tool, and fits every site"),
        pytest.param({"tools": ("pay",)}, id="of another tool"),
        pytest.param({"failures": ()}, id="shown by nothing"),
    ],
)
def test_no_field_speaks_to_its_reader(changes):
    assert fault(of()) is None
    assert fault(of(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"tool": NAME, "tools": (NAME,), "wrong": f"`{NAME}` fails."},  # who is told it has the tool
        {"tool": "get_id_of_user", "tools": ("get_id_of_user",), "instead": "Call `shop__get_id_of_user`: it worked."},
        {"templates": ("tau2/airline/12", "template #0123abcd"), "agents": ("gpt-4o-2024", "agent #0123abcd")},
        {"first_seen": "2026-01-31", "last_seen": "2026-02-01", "expires": "2027-02-01"},
        {"failures": citing(quote="the booking was not found", text="not found")},
        {"failures": citing(text="the last of 3 calls that failed, 2 of them with other arguments")},
        {"instead": "Give `payments[].payment_id`.", "error": ""},
        {
            "kind": Kind.LOST,
            "tool": "",
            "tools": (),
            "site": "a.example",
            "sites": ("a.example",),
            "error": "/… #0123abcd",
        }
        | {"wrong": "The page `/…` of `a.example` holds agents for many acts.", "instead": "Leave the page."},
    ],
)
def test_what_our_rules_write_is_told(changes):
    assert fault(of(**changes)) is None


def test_a_lesson_on_tools_of_one_api_fits_where_one_is_at_hand():
    tools = ("find_for_shop", "pay_for_shop")
    one = of(tool="", domain="shop", tools=tools, wrong="`find_for_shop` of `shop` fails.")
    assert fault(one) is None
    assert fits(one, Situation(frozenset({"pay_for_shop"})))
    assert not fits(one, Situation(frozenset({"pay"})))


def test_all_lessons_of_the_sample_logs_are_told(tmp_path):
    for words in (["run", "data", "--out", tmp_path / "run"], *_lessons(tmp_path)):
        done = CliRunner().invoke(main, [*map(str, words)])
        assert done.exit_code == 0, done.output
    for name in ("plain", "--abstract"):
        found = [*as_frozen(tmp_path / name), *(one.lesson for one in dropped(tmp_path / name))]
        assert len(found) >= 5
        assert [one for one in found if fault(one)] == []


def _lessons(folder):
    return [["lessons", folder / "run", "--out", folder / name, *words] for name, words in OPTIONS.items()]


OPTIONS = {"plain": [], "--abstract": ["--abstract"]}
