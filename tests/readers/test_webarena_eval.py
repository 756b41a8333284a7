"""Offline scoring gives the labels that WebArena's evaluators give, or none."""

import time

import pytest

from agenther.readers.webarena.scoring import clean, score, tokens

HOST = "http://shop.example:7770"


def string(**references):
    return {"eval_types": ["string_match"], "reference_answers": references, "reference_url": "", "program_html": []}


def address(reference, **fields):
    return {"eval_types": ["url_match"], "reference_answers": None, "reference_url": reference} | fields


@pytest.mark.parametrize(
    ("check", "answer", "url"),
    [
        pytest.param(None, "a", None, id="no eval"),
        pytest.param("{'eval_types': [", "a", None, id="unreadable eval"),
        pytest.param({}, "a", None, id="no types"),
        pytest.param({"eval_types": []}, "a", None, id="empty types"),
        pytest.param({"eval_types": [["string_match"]]}, "a", None, id="types of another type"),
        pytest.param({"eval_types": ["page_image_query"]}, "a", None, id="a type that needs the page"),
        pytest.param(string(), "a", None, id="no references"),
        pytest.param({"eval_types": ["string_match"], "reference_answers": ["a"]}, "a", None, id="a list"),
        pytest.param(string(exact_match=["a"]), "a", None, id="exact_match of a list"),
        pytest.param(string(must_include="a"), "a", None, id="must_include of a text"),
        pytest.param(string(fuzzy_match=["a"]), "a", None, id="fuzzy_match asks a model"),
        pytest.param(string(fuzzy_match="N/A"), "There is none", None, id="reasons for N/A ask a model"),
        pytest.param(string(must_include=["b"], fuzzy_match="N/A"), "a", None, id="whose verdict replaces the others"),
        pytest.param(string(must_include=["a"], fuzzy_match=["a"]), "a", None, id="one part passes, one is open"),
        pytest.param(string(one_of=["a"]), "a", None, id="an unknown approach"),
        pytest.param(string(exact_match="a") | {"eval_types": ["string_match", "program_html"]}, "a", None, id="page"),
        pytest.param(address(HOST), "a", None, id="no last address"),
        pytest.param(address(""), "a", HOST, id="no reference"),
        pytest.param(address(None), "a", HOST, id="reference of another type"),
        pytest.param(address("__GITLAB__/a"), "a", HOST, id="the site's address was never filled in"),
        pytest.param(address(HOST, url_note="CLOSE ENOUGH"), "a", HOST, id="unknown rule"),
        pytest.param(address("http://[a"), "a", HOST, id="no address"),
    ],
)
def test_unknown(check, answer, url):
    label = score(check, answer, url)
    assert (label.success, label.source, label.score) == (None, "none", None)


@pytest.mark.parametrize(
    ("references", "answer", "passes"),
    [
        ({"exact_match": "Blue"}, "blue", True),
        ({"exact_match": "Blue"}, "  'Blue' ", True),
        ({"exact_match": "'Blue'"}, '"blue"', True),
        ({"exact_match": "Blue"}, "It is blue", False),
        ({"exact_match": "N/A"}, "'N/A'", True),
        ({"exact_match": "N/A"}, "", False),
        ({"exact_match": "Blue"}, "'", False),
        ({"fuzzy_match": "N/A"}, "n/a", True),
        ({"must_include": ["6"]}, "There are 6 reviews.", True),
        ({"must_include": ["6"]}, "6.", True),
        ({"must_include": ["6"]}, "#6, (7)", True),
        ({"must_include": ["6"]}, "16", False),
        ({"must_include": ["6"]}, "6.5 or 1,600 or 6:30", False),
        ({"must_include": ["6", "5"]}, "65", True),
        ({"must_include": ["12"]}, "about 1200", True),
        ({"must_include": ["Ada", "Bob Lee"]}, "bob lee and ADA", True),
        ({"must_include": ["Ada", "Bob Lee"]}, "bob and ada", False),
        ({"must_include": ["Ada"], "fuzzy_match": ["x"]}, "Bob", False),
    ],
)
def test_string_match(references, answer, passes):
    label = score(string(**references), answer, None)
    assert (label.success, label.source, label.score) == (passes, "offline string_match", float(passes))


@pytest.mark.parametrize(
    ("references", "answer", "passes"),
    [
        ({"must_include": ["red |OR| blue"]}, "It is blue", True),
        ({"must_include": ["red |OR| blue"]}, "It is blueish", False),
        ({"must_include": ["red", "blue"]}, "red, blue.", True),
        ({"must_include": ["dark red"]}, "a dark reddish one", True),
    ],
)
def test_visualwebarena_takes_single_words_as_words(references, answer, passes):
    assert score(string(**references), answer, None, visual=True).success == passes


@pytest.mark.parametrize(
    ("reference", "url", "passes"),
    [
        (f"{HOST}/orders/", f"{HOST}/orders", True),
        (f"{HOST}/orders", f"{HOST}/orders/17?sort=asc#top", True),
        (f"{HOST}/orders", f"{HOST}/", False),
        (f"{HOST}/orders", "http://other.example/orders", False),
        (f"{HOST}/a |OR| {HOST}/b", f"{HOST}/b", True),
        (f"{HOST}/a?q=1", f"{HOST}/a?q=1&p=2", True),
        (f"{HOST}/a?q=1", f"{HOST}/a?q=2", False),
        (f"{HOST}/a?q=1", f"{HOST}/a", False),
        (f"{HOST}/a?q=1 |OR| {HOST}/a?q=2", f"{HOST}/a?q=2", True),
    ],
)
def test_url_match(reference, url, passes):
    label = score(address(reference, url_note="GOLD in PRED"), None, url)
    assert (label.success, label.source) == (passes, "offline url_match")


@pytest.mark.parametrize(
    ("fields", "url", "passes"),
    [
        ({}, f"{HOST}/a/", True),
        ({}, f"{HOST}/a?q=1", False),
        ({"url_note": "EXACT"}, f"{HOST}/a", True),
        ({"url_note": "GOLD in PRED"}, f"{HOST}/a?q=1", True),
        ({"url_note": "GOLD in PRED"}, f"{HOST}/b", False),
    ],
)
def test_visualwebarena_takes_whole_addresses(fields, url, passes):
    assert score(address(f"{HOST}/a", **fields), None, url, visual=True).success == passes


@pytest.mark.parametrize(
    ("answer", "url", "success", "source"),
    [
        ("Blue", f"{HOST}/a", True, "offline string_match+url_match"),
        ("Blue", f"{HOST}/b", False, "offline url_match"),
        ("Red", f"{HOST}/a", False, "offline string_match"),
        ("Red", None, False, "offline string_match"),
        ("Blue", None, None, "none"),
        (None, f"{HOST}/a", False, "no answer"),
    ],
)
def test_all_parts_must_pass(answer, url, success, source):
    check = string(exact_match="Blue") | {"eval_types": ["string_match", "url_match"], "reference_url": f"{HOST}/a"}
    label = score(check, answer, url)
    assert (label.success, label.source) == (success, source)


def test_no_answer_fails_whatever_a_model_would_say_of_one():
    assert score(string(fuzzy_match=["a"]), None, None).source == "no answer"


def test_clean_takes_one_pair_of_quotes():
    assert clean(" ''A'' ") == "'a'"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a, b: c; (d) [e] #1 $2 3%", "a , b : c ; ( d ) [ e ] # 1 $ 2 3 %"),
        ("1,000 at 10:30, 3.5 km.", "1,000 at 10:30 , 3.5 km"),
        ("'a' ... \"b\"", 'a ... " b "'),
    ],
)
def test_tokens(text, words):
    assert tokens(text) == words.split()


def test_a_long_answer_is_taken_apart_once_for_all_words():
    check = {"eval_types": ["string_match"], "reference_answers": {"must_include": [f"z{n}" for n in range(200)]}}
    began = time.perf_counter()
    assert score(check, "Yes. " * 400_000, None, visual=True).success is False
    assert time.perf_counter() - began < 5
