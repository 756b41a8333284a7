"""What a run shows again is said and not repeated; what could be quoted is never lost on the way."""

import re

import pytest
from builders import a_run, a_step
from hypothesis import given
from hypothesis import strategies as st

from agenther.rendering.runs import RUN_LIMIT, VALUE_ROOM, render_run
from agenther.rendering.tags import plain

NOTE = re.compile(r"\[… (\d+) lines as at step (\d+) …\]")
SAME = re.compile(r"\[… the same as at step (\d+) …\]")
NUMBER = re.compile(r"^\s*\[\d+\] ")


def rendered(*observations, **changes):
    return render_run(
        a_run(steps=tuple(a_step(n, observation=seen) for n, seen in enumerate(observations, 1)), **changes)
    )


def seen(*observations):
    """What is shown of each observation."""
    parts = re.split(r'<step n="\d+">', rendered(*observations))[1:]
    return [plain(part.partition("<observation>")[2].partition("</observation>")[0]) for part in parts]


def last(*observations):
    return seen(*observations)[-1]


def page(title="Lamps", rows=12, first=100, **changed):
    """An accessibility tree; `changed` maps row_3="…" to another text of that row."""
    lines = [f"RootWebArea '{title}' focused: True", "link 'Home'", "link 'Basket'", f"heading '{title}'"]
    lines += [changed.get(f"row_{row}", f"gridcell 'Lamp {row}, ${row}.99'") for row in range(rows)]
    lines += ["StaticText 'All prices with tax'", "link 'Imprint'"]
    return "\n".join(f"\t[{first + at}] {line}" for at, line in enumerate(lines))


def restored(shown):
    """The observations, with each note replaced by the lines that it stands for."""
    whole = []
    for text in shown:
        if found := SAME.fullmatch(text):
            whole.append(whole[int(found[1]) - 1])
            continue
        lines = []
        for line in text.split("\n"):
            if found := NOTE.fullmatch(line):
                before = [NUMBER.sub("", one).strip() for one in whole[int(found[2]) - 1].split("\n")]
                at = before.index(NUMBER.sub("", lines[-1]).strip())
                assert before.count(before[at]) == 1
                lines += whole[int(found[2]) - 1].split("\n")[at + 1 : at + 1 + int(found[1])]
            else:
                lines.append(line)
        whole.append("\n".join(lines))
    return whole


def unnumbered(text):
    return [NUMBER.sub("", line).strip() for line in text.split("\n")]


# --- pages that come again -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "new"),
    [
        pytest.param({"row_7": "gridcell 'Lamp 7, $8.49'"}, "$8.49", id="another price"),
        pytest.param({"row_7": "gridcell 'Lamp 7, $7.99' disabled: True"}, "disabled", id="another state"),
        pytest.param({"row_7": "gridcell 'Sold'"}, "Sold", id="another cell"),
        pytest.param({"title": "Lamps (2 in basket)"}, "(2 in basket)", id="another title"),
        pytest.param({"rows": 13}, "Lamp 12, $12.99", id="a row more"),
    ],
)
def test_a_page_that_comes_again_shows_what_changed(changed, new):
    first, then = page(rows=12), page(first=900, **{"rows": 12, **changed})
    shown = last(first, then)
    assert new in shown
    assert len(shown) < len(then) * 2 / 3
    assert unnumbered(restored(seen(first, then))[1]) == unnumbered(then)


def test_a_row_less_is_seen_too():
    short = page(rows=40).replace("\t[120] gridcell 'Lamp 16, $16.99'\n", "")
    assert restored(seen(page(rows=40), short))[1] == short


def test_a_page_is_compared_with_the_last_one_that_is_like_it():
    other = "\n".join(f"[{n}] StaticText 'A long word about the lamp, part {n}'" for n in range(30))
    shown = last(page(), other, page(row_5="gridcell 'Lamp 5, sold'"))
    assert "Lamp 5, sold" in shown
    assert "as at step 1" in shown
    assert "as at step 2" not in shown


def test_a_page_may_refer_to_one_that_refers_to_another():
    pages = [page(), page(first=300, row_2="gridcell 'Lamp 2, sold'"), page(first=500, row_2="gridcell 'Lamp 2, sold'")]
    shown = seen(*pages)
    assert "sold" not in shown[2]
    assert [unnumbered(text) for text in restored(shown)] == [unnumbered(text) for text in pages]


def test_what_was_cut_is_shown_when_the_page_comes_again():
    long = page(rows=900)
    assert "Lamp 300," not in last(long)
    assert "Lamp 300," in last(long, long)


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(('{"status": "sent"}', '{"status": "sent"}'), id="a short answer again"),
        pytest.param((page(), page(title="Desks").replace("Lamp", "Desk")), id="another page"),
        pytest.param((page(), "\n".join(reversed(page().split("\n")))), id="another order"),
        pytest.param(("\n".join("ab" * 50), "\n".join("ab" * 50) + "\nc"), id="no line stands alone"),
        pytest.param(("[1] passed\n" * 20, "[2] passed\n" * 20), id="numbers that are no element's"),
        pytest.param((page(rows=2), page(rows=2)[:-1] + "!"), id="too short to be worth a note"),
    ],
)
def test_shown_in_full(texts):
    assert seen(*texts) == list(texts)


@given(
    st.lists(st.lists(st.sampled_from([f"StaticText 'text number {n}'" for n in range(14)]), max_size=40), max_size=6)
)
def test_every_note_leads_back_to_the_lines(pages):
    texts = ["\n".join(f"[{n}{at}] {line}" for at, line in enumerate(lines)) for n, lines in enumerate(pages, 1)]
    texts = [text for text in texts if text]
    assert [unnumbered(text) for text in restored(seen(*texts))] == [unnumbered(text) for text in texts]


@given(st.lists(st.sampled_from([page(), page(rows=14), page(row_3="x"), page(rows=400), "y" * 300, "z"]), max_size=12))
def test_a_run_of_pages_cut_short_is_the_beginning_of_the_whole(pages):
    run = a_run(steps=tuple(a_step(n, observation=text) for n, text in enumerate(pages, 1)), start=page())
    whole = render_run(run)
    for end in range(len(pages) + 1):
        assert whole.startswith(render_run(run, end))


def test_an_answer_that_comes_again_is_said():
    answer = '{"orders": [' + ", ".join(f'{{"id": "W{n}"}}' for n in range(20)) + "]}"
    assert last(answer, "no", answer) == "[… the same as at step 1 …]"
    assert last(answer, answer.replace("W7", "W8")) == answer.replace("W7", "W8")


def test_a_note_in_a_log_is_not_taken_for_ours():
    forged = "[… 30 lines as at step 1 …]\n[… the same as at step 1 …]"
    assert "[…" not in rendered(forged)
    assert seen(forged) == [forged]


# --- noise ---------------------------------------------------------------------------------------

ENCODED = "iVBORw0KGgoAAAANSUhEUgAABkAAAASwCAYAAACjAYaXAAAMQGlDQ1BJQ0MgUHJvZmlsZQ" * 4
LONG = "https://shop.example/" + "/".join(f"lamps-and-more-lamps-for-the-desk-{n}" for n in range(12))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"<img src='data:image/png;base64,{ENCODED}'>", "data:image/png;base64,[… ", id="data URI"),
        pytest.param(
            "url(data:image/svg+xml;utf8,%3Csvg" + "%20x" * 80 + ")", "data:image/svg+xml;utf8,[… ", id="as text"
        ),
        pytest.param(f'{{"chart": "{ENCODED}", "id": 7}}', '", "id": 7}', id="base64 in JSON"),
        pytest.param("KEY\n" + f"{ENCODED[:64]}\n" * 9 + "END", "KEY\n[… 585 characters of data …]END", id="wrapped"),
        pytest.param("0a1b2c3d" * 40, "[… 320 characters of data …]", id="hexadecimal"),
        pytest.param(
            "<p>A<script>" + "var a = 1;" * 50 + "</script>B", "<p>A<script>[… 500 characters of script", id="js"
        ),
        pytest.param("<STYLE type='x'>" + "p {x: y} " * 50 + "</STYLE>B", "of style …]</STYLE>B", id="style"),
        pytest.param("<svg width='9'>" + "<path d='M1 1'/>" * 30 + "</svg>B", "of svg …]</svg>B", id="drawing"),
        pytest.param("A<!--" + " build 7 " * 50 + "-->B", "A<!--[… 450 characters of comment …]-->B", id="comment"),
        pytest.param("<b style='color: red; margin: 0 0 0 0'>Sale</b>", "<b […]>Sale</b>", id="inline style"),
        pytest.param("Total" + " " * 300 + "$12.99", "Total        […]$12.99", id="padding"),
        pytest.param("=" * 90 + "\n3 passed", "========[…]\n3 passed", id="a line of signs"),
        pytest.param("A" + "\n" * 60 + "B", "A\n\n[…]\nB", id="blank lines"),
    ],
)
def test_noise_is_dropped_and_said(text, shown):
    assert shown in last(text)
    assert "[…" in last(text)
    assert len(last(text)) < len(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sha512: " + "0a1b2c3d" * 16, id="a hash"),
        pytest.param(
            "z3jH/dm6gha4BaxKAq6dcKbHocgf77rSn979EAuMRhmRJ335GzKGFXWZb1tWgE8c5P2QglDuWLjn5F3gLGcR8A==", id="short"
        ),
        pytest.param(LONG, id="a long address"),
        pytest.param("/home/Anna/Projects2024/" * 20, id="a long path"),
        pytest.param("ACGT" * 100, id="letters"),
        pytest.param("3141592653" * 60, id="digits"),
        pytest.param("snake_case_name_2_" * 20, id="a long name"),
        pytest.param(
            "<script type='application/ld+json'>" + '{"price": 12.99}' * 40 + "</script>", id="JSON in a script"
        ),
        pytest.param("<script>const price = 12.99;</script>", id="a short script"),
        pytest.param("<script>" + "never closed, and so no script " * 30, id="no end"),
        pytest.param("| Lamp | " + "-" * 30 + " | $12.99 |", id="a table"),
        pytest.param("<b class='price' data-id='L-77' title='Orbit'>$12.99</b>", id="attributes"),
    ],
)
def test_no_noise(text):
    assert last(text) == text


def test_a_page_that_has_no_room_loses_its_layout_first():
    rows = [
        f"[{n}] <TD class='col-{n} a-right last' data-role='cell'>\n[{n}] <#text> Lamp {n}, ${n}.99" for n in range(250)
    ]
    text = "\n".join(rows)
    shown = last(text)
    assert len(text) > VALUE_ROOM > len(shown)
    assert all(f"Lamp {n}, ${n}.99" in shown for n in range(250))
    assert "[…]" in shown


def test_an_argument_full_of_data_is_condensed_too():
    run = a_run(steps=(a_step(1, "upload", "done", arguments={"name": "a.png", "content": ENCODED}),))
    assert 'upload {"name":"a.png","content":"[… ' in render_run(run)


# --- hostile and large logs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<script>" * 100_000, id="openings"),
        pytest.param("<script" * 100_000, id="tags that never end"),
        pytest.param("<!--" * 200_000, id="comments"),
        pytest.param("data:" * 200_000, id="data"),
        pytest.param("data:a/b" + ";c" * 400_000, id="parameters"),
        pytest.param(' style="' * 100_000, id="attributes"),
        pytest.param("<" + " class='x'" * 80_000, id="classes"),
        pytest.param(" " * 800_000 + "x", id="spaces"),
        pytest.param("\n " * 400_000, id="blank lines"),
        pytest.param(("A" * 76 + "\n") * 3 + ("A" * 77 + "\n") * 9_000, id="nearly wrapped"),
        pytest.param("A1a" * 300_000, id="one word"),
        pytest.param("[" * 800_000, id="brackets"),
        pytest.param("[ref=" * 150_000, id="references"),
        pytest.param("[1] x\n" * 150_000, id="the same line"),
        pytest.param("\n".join(map(str, range(100_000))), id="many lines"),
    ],
)
def test_condensing_takes_linear_time(text):
    assert len(rendered(text, text + "!", "?" + text)) < VALUE_ROOM * 4


def test_many_long_pages_keep_to_the_budget():
    pages = [page(rows=500, first=n, **{f"row_{n}": f"gridcell 'Sold {n}'"}) for n in range(60)]
    shown = rendered(*pages)
    assert len(shown) < RUN_LIMIT
    assert all(f"Sold {n}'" in shown for n in range(100) if n < 60)
