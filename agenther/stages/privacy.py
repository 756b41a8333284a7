"""What is not asked about somebody who is no public person: what only they should be told."""

from collections.abc import Set as AbstractSet

_PERSONS = frozenset(
    "user customer client employee patient member passenger guest student subscriber tenant applicant reader contact"
    " account person candidate recipient cardholder colleague resident donor".split()
)
"""People who are looked up by a number or an address, not by their fame."""
_PERSONAL = frozenset(
    "email phone mobile address birth birthday salary wage income gender sex religion marital".split()
)
_SECRET = frozenset("diagnosis diagnoses password passcode pin iban ssn cvv passport".split())
_NUMBERED = frozenset("account card passport security insurance license licence tax bank identity".split())
"""What has a number that is nobody's business."""


def is_secret(name: str, about: AbstractSet[str]) -> bool:
    """Is it something that nobody asks for by a mere number: a diagnosis, the number of a card?"""
    words = set(name.split())
    is_number = name.endswith("number") and bool(
        words & _NUMBERED or (name == "number" and about & (_NUMBERED | _PERSONS))
    )
    return is_number or bool(words & _SECRET)


def is_personal(name: str, about: AbstractSet[str]) -> bool:
    """Is it told of a person where nothing else can be: an address, a date of birth, a salary?"""
    return bool(about & _PERSONS) and bool(set(name.split()) & _PERSONAL)
