"""Text of logs, models and files, without anything that a terminal would act upon or hide."""


def plain(text: str) -> str:
    """With a space for each letter that cannot be seen, but for line breaks."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
