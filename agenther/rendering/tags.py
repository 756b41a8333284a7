"""Log text must not be able to look like ours: neither like a tag of a prompt, nor like a note on what is not shown."""

import re

_NAMES = "step|action|observation|thought|run|error|request|answer|opening|policy"
_HIDDEN = (
    r"\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
"""Characters that show nothing: between the letters of a tag's name they hide it from us, and from nobody else."""
_OURS = "|".join(rf"[{_HIDDEN}]*+".join(name) for name in _NAMES.split("|"))
_SPACE = rf"[\s{_HIDDEN}]*+"
_TAG = re.compile(rf"<(?={_SPACE}(?:/{_SPACE})?(?:{_OURS}))", re.IGNORECASE)
_NEUTRAL = re.compile(rf"‹(?={_SPACE}(?:/{_SPACE})?(?:{_OURS}))", re.IGNORECASE)
_NOTE = re.compile(r"\[(?=…)")
_NEUTRAL_NOTE = re.compile(r"［(?=…)")


def neutral(text: str) -> str:
    """`text` with every tag that could be taken for ours opened by ‹, every note by ［; as long as before."""
    if "…" in text:
        text = _NOTE.sub("［", text)
    return _TAG.sub("‹", text) if "<" in text else text


def plain(text: str) -> str:
    """Undoes `neutral`: a quote that a model copied from a prompt, as it stands in the log."""
    return _NEUTRAL_NOTE.sub("[", _NEUTRAL.sub("<", text))
