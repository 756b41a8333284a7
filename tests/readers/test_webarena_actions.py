"""WebArena's actions, as rendered and as agents write them."""

import pytest

from agenther.readers.webarena.actions import TOOLS, predicted, rendered, thought

PAGE = (
    "Tab 0 (current): Shop\n\n[1] RootWebArea 'Shop'\n\t[8] link '[3] it\\'s: new' url: http://a\n\t[9] <A href=\"/x\">"
)


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        pytest.param("none", "none", {}, id="unparsed"),
        pytest.param("", "none", {}, id="empty"),
        pytest.param("click [8]", "click", {"element_id": "8", "element": "link '[3] it\\'s: new'"}, id="no where"),
        pytest.param("click [9]", "click", {"element_id": "9", "element": '<A href="/x">'}, id="page of HTML"),
        pytest.param("click [7] where [7] is No match found", "click", {"element_id": "7"}, id="no such element"),
        pytest.param(
            "hover [7] where [7] is Sign In", "hover", {"element_id": "7", "element": "Sign In"}, id="no role"
        ),
        pytest.param("click [] where [] is ", "click", {"element_id": ""}, id="nothing in the bracket"),
        pytest.param(
            "type [7] [a] b where [x] ] where [7] is [7] textbox '' required: False",
            "type",
            {"element_id": "7", "element": "textbox ''", "text": "a] b where [x]", "press_enter": True},
            id="brackets in the text",
        ),
        pytest.param(
            "type [7] [a\n] where [7] is ", "type", {"element_id": "7", "text": "a", "press_enter": True}, id="newline"
        ),
        pytest.param("type [7] [a]", "type", {"element_id": "7", "text": "a", "press_enter": False}, id="no Enter"),
        pytest.param("scroll [down]", "scroll", {"direction": "down"}, id="scroll"),
        pytest.param("goto [http://a/?b[]=1]", "goto", {"url": "http://a/?b[]=1"}, id="brackets in the address"),
        pytest.param("press [Ctrl+v]", "press", {"key": "Ctrl+v"}, id="press"),
        pytest.param("page_focus [1]", "tab_focus", {"tab": "1"}, id="the renderer's name for tab_focus"),
        pytest.param("new_tab", "new_tab", {}, id="no argument"),
        pytest.param("stop [a]]", "stop", {"answer": "a]"}, id="bracket in the answer"),
        pytest.param('page.stop("a")', "stop", {"answer": "a"}, id="playwright's stop"),
    ],
)
def test_rendered_actions(text, name, arguments):
    act = rendered(text, PAGE)
    assert (act.name, act.arguments, act.raw) == (name, arguments, None)


@pytest.mark.parametrize(
    ("text", "name", "raw"),
    [
        (
            'page.get_by_role("link", name="Forums").click()',
            "playwright",
            'page.get_by_role("link", name="Forums").click()',
        ),
        ("clear [12] where [12] is [12] textbox ''", "clear", "[12] where [12] is [12] textbox ''"),
    ],
)
def test_actions_of_other_action_spaces_are_kept_as_text(text, name, raw):
    act = rendered(text, PAGE)
    assert (act.name, act.arguments, act.raw) == (name, {}, raw)


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        pytest.param("I click [8].", "none", {}, id="no fence"),
        pytest.param("```click [8]", "none", {}, id="open fence"),
        pytest.param("``````", "none", {}, id="empty fence"),
        pytest.param("```click [link]```", "none", {}, id="no number"),
        pytest.param("```type [8]```", "none", {}, id="no text"),
        pytest.param("```type [] [a] [1]```", "none", {}, id="no element"),
        pytest.param("```fly [8]```", "none", {}, id="no such action"),
        pytest.param("```goto []```", "none", {}, id="no address"),
        pytest.param("a ```go_back``` b ```stop [x]```", "go_back", {}, id="the first fence counts"),
        pytest.param("```scroll up```", "scroll", {"direction": "up"}, id="scroll without bracket"),
        pytest.param("```tab_focus [0]```", "tab_focus", {"tab": "0"}, id="tab_focus"),
        pytest.param("```stop```", "stop", {"answer": ""}, id="stop without an answer"),
        pytest.param(
            "```type[7][a [b]]```", "type", {"element_id": "7", "text": "a [b]", "press_enter": True}, id="Enter"
        ),
        pytest.param(
            "```type [7] [a] [0]```", "type", {"element_id": "7", "text": "a", "press_enter": False}, id="no Enter"
        ),
    ],
)
def test_predicted_actions(text, name, arguments):
    act = predicted(text, PAGE)
    assert (act.name, act.arguments) == (name, arguments)


@pytest.mark.parametrize(
    ("output", "left"),
    [
        ("", None),
        ("```stop [a]```", None),
        ("So ```a``` then ```b```.", "So ```a``` then ."),
        ("one ``` only", "one ``` only"),
    ],
)
def test_thought_is_the_output_without_its_last_fence(output, left):
    assert thought(output) == left


def test_every_tool_takes_the_arguments_that_actions_have():
    written = ["click [8]", "hover [8]", "type [8] [a ]", "scroll [up]", "goto [a]", "press [a]", "page_focus [1]"]
    properties = {tool.name: set(tool.parameters["properties"]) for tool in TOOLS}
    for act in (rendered(text, PAGE) for text in written):
        assert act.arguments.keys() <= properties[act.name]
        assert set(next(tool for tool in TOOLS if tool.name == act.name).parameters["required"]) <= act.arguments.keys()
