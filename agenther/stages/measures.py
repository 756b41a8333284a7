"""Units: which numbers say nothing without one, and where a field's name tells it."""

import re

_UNITS = {
    ending: unit
    for ending, _, unit in (
        pair.partition("=")
        for pair in (
            "g=g kg=kg mg=mg lb=lb lbs=lb oz=oz m=m km=km cm=cm mm=mm mi=miles miles=miles ft=feet feet=feet"
            " l=l ml=ml c=°C f=°F celsius=°C fahrenheit=°F kph=km/h kmh=km/h kmph=km/h mph=mph hpa=hPa kw=kW"
            " kwh=kWh kcal=kcal kj=kJ s=seconds sec=seconds secs=seconds seconds=seconds ms=ms min=minutes"
            " mins=minutes minutes=minutes hrs=hours hours=hours days=days pct=% percent=% eur=EUR usd=USD"
            " gbp=GBP chf=CHF jpy=JPY gb=GB mb=MB kb=KB tb=TB inr=INR cad=CAD aud=AUD"
        ).split()
    )
}
"""What a field's name may end in, and how the unit is written behind a number."""
_LETTERS = frozenset("glmcfs")
"""Units of one letter count only behind an underscore: length_m, but not planB."""
_SPEEDS = frozenset(("km/h", "mph"))
_MEASURES = frozenset(
    "duration length distance size weight height width diameter radius temperature speed velocity altitude elevation"
    " humidity area mass pressure volume wind gust visibility precipitation rainfall snow runtime lifespan mileage"
    " energy power sugar fat protein sodium fiber".split()
)
"""Numbers of these are not told without a unit: is a duration of 946000 an hour or a day?"""
_LAST = re.compile(r"(.*[a-z0-9])(?:[_-]([A-Za-z]+)|([A-Z][a-z]+))")
_IN_WORDS = ("_formatted", "_text", "_str", "_string", "_display", "_human", "Formatted", "Text", "String", "Display")


def parted(key: str) -> tuple[str, str]:
    """A field's name without its unit, and the unit: "length_m" is ("length", "m"); without one, ""."""
    match = _LAST.fullmatch(key)
    if match is None:
        return key, ""
    base, behind, glued = match.groups()
    last = (behind or glued).casefold()
    is_unit = last in _UNITS and not (glued and last in _LETTERS) and not base.casefold().endswith(("per", "_in"))
    return (base, _UNITS[last]) if is_unit else (key, "")


def needs_unit(name: str) -> bool:
    """Does a bare number say nothing for what is called so?"""
    return bool({*name.split(), name.replace(" ", "")} & _MEASURES)


def named(name: str, unit: str) -> str:
    """What is measured: a wind in km/h is a wind speed."""
    return f"{name} speed" if name.endswith("wind") and unit in _SPEEDS else name


def in_words(key: str) -> tuple[str, ...]:
    """The names under which a record may hold the number of `key` once more, as people read it."""
    return tuple(f"{key}{ending}" for ending in _IN_WORDS)


def number_of(key: str) -> str:
    """The key whose number is told in words under this one; "" if the name does not say so."""
    return next((key.removesuffix(ending) for ending in _IN_WORDS if key.endswith(ending)), "")
