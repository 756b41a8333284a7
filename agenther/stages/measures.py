"""Units: which numbers say nothing without one, and where a field's name tells it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agenther.stages.english import words

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
    " energy power sugar fat protein sodium fiber delay target dose dosage gravity rain snow tide wave density"
    " consumption strength".split()
)
"""Numbers of these are not told without a unit: is a duration of 946000 an hour or a day?"""
_MONEY = frozenset(
    "price prices cost costs fee fees fare fares salary wage wages balance amount total revenue revenues income budget"
    " premium deductible discount deposit rent tax taxes payment bill charge charges debt earnings expenses profit"
    " profits sale sales investment funding turnover refund fine bonus allowance gdp".split()
)
"""Numbers of these are not told without a currency."""
_TIMES = frozenset(
    "time date day departure arrival sunrise sunset dawn dusk start end opening closing birth birthday expiry"
    " expiration deadline kickoff launch release publication delivery filing founded birthdate".split()
)
"""When something is; a bare number of these is a stamp."""
_SIGNED = frozenset(
    "temperature latitude longitude balance change difference altitude elevation depth growth profit income yield"
    " return trend score rate margin inflation offset magnitude performance gain loss earnings level".split()
)
"""Numbers that may be less than nothing; any other that is stands for a lack."""
_OF_HUNDRED = frozenset(
    "interest mortgage tax inflation unemployment employment growth vacancy occupancy savings deposit success dividend"
    " completion mortality literacy".split()
)
"""Rates of these are percentages."""
_PERIODS = {word: word for word in ("hour", "day", "week", "month", "year")} | {
    "hourly": "hour",
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
    "annual": "year",
}  # fmt: skip - a table reads better by pairs
_YEAR = re.compile(r"1\d{3}|20\d\d")
_BARE = re.compile(r"-?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?")
_NO_UNITS = frozenset("metric imperial standard si us uk default".split())
"""What fields for units say of all numbers at once."""
_CURRENCY = re.compile(r"[A-Za-z]{3}|[A-Z]{0,2}[$€£¥₹]|[A-Z][a-z]+(?: [A-Za-z]+)?")
_UNIT = re.compile(r"[A-Za-z°%µ²³/$€£¥₹]{1,12}(?: [A-Za-z/]{1,12}){0,2}")
_CURRENCIES = ("currency", "currency_code", "currencyCode", "currency_symbol", "Currency")
_UNIT_FIELDS = ("unit", "units", "unit_of_measure", "uom", "Unit", "Units")
_PERIOD_FIELDS = ("period", "interval", "pay_period", "billing_period")
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
    return is_measure(name) or is_money(name) or is_percentage(name)


def is_measure(name: str) -> bool:
    """Is it measured: a length, a wind speed?"""
    return bool({*name.split(), name.replace(" ", "")} & _MEASURES)


def is_money(name: str) -> bool:
    """Is it an amount of money?"""
    return name.rpartition(" ")[2] in _MONEY


def is_percentage(name: str) -> bool:
    """Is it a rate that is told in percent: an interest rate, but no exchange rate?"""
    return name.endswith("rate") and not _OF_HUNDRED.isdisjoint(name.split())


def is_of_another(name: str, text: str) -> bool:
    """Does a text only tell the unit of some number: metres, by the month?"""
    return name.endswith(("unit", "units")) or text.casefold() in _PERIODS


def is_bare(text: str) -> bool:
    """Is it a number and nothing else?"""
    return bool(_BARE.fullmatch(text))


def says_nothing(name: str, number: str, unit: str) -> bool:
    """Is a number not to be told for what is called so: for want of a unit, as a stamp, as the sign of a lack?"""
    last = name.rpartition(" ")[2]
    if number.startswith("-") and last not in _SIGNED:
        return True
    return not unit and (needs_unit(name) or (last in _TIMES and not _YEAR.fullmatch(number)))


@dataclass(frozen=True)
class Beside:
    """The unit of a number that its record tells in fields of their own, and which fields these are."""

    unit: str = ""
    fields: tuple[str, ...] = ()


def beside(key: str, name: str, record: Mapping[Any, Any], currency: str = "") -> Beside:
    """What the fields beside a number tell of its unit: 482 beside "unit": "km" are 482 km.

    `currency` is the one that was asked for, if the record has none. A unit for several numbers is nobody's.
    """
    endings = ("_unit", "_units", "Unit", "Units", "_currency", "Currency")
    own = _first(record, tuple(f"{key}{ending}" for ending in endings), _UNIT)
    if own.unit or not needs_unit(name):
        return own
    unit = _first(record, _UNIT_FIELDS, _UNIT) if sum(map(_needs_unit, record)) == 1 else Beside()
    if not is_money(name) or (unit.unit and name.endswith("amount")):
        return unit
    money = _first(record, _CURRENCIES, _CURRENCY)
    if not money.unit and not currency:
        return unit if re.search(r"\b[A-Z]{3}\b|[$€£¥₹]", unit.unit) else Beside()
    period = next((field for field in _PERIOD_FIELDS if str(record.get(field)).casefold() in _PERIODS), "")
    per = _PERIODS[str(record[period]).casefold()] if period else unit.unit
    fields = (*money.fields, *((period,) if period else unit.fields))
    return Beside(f"{money.unit or currency}{f' per {per}' if per else ''}", fields)


def _first(record: Mapping[Any, Any], fields: tuple[str, ...], kind: re.Pattern[str]) -> Beside:
    """The first of some fields that holds a unit of a kind."""
    for field in fields:
        text = record.get(field)
        if isinstance(text, str) and kind.fullmatch(text) and text.casefold() not in _NO_UNITS:
            is_code = kind is _CURRENCY and len(text) == len("eur")
            is_short = text.islower() or text in {"C", "F"}
            unit = _UNITS.get(text.casefold(), text) if is_short else text
            return Beside(text.upper() if is_code else unit, (field,))
    return Beside()


def _needs_unit(key: Any) -> bool:
    return isinstance(key, str) and needs_unit(" ".join(words(key) or ()))


_CODES = frozenset(
    "usd eur gbp jpy chf cny inr cad aud nzd sek nok dkk pln czk huf ron bgn try rub uah brl mxn ars clp cop pen krw"
    " sgd hkd twd thb idr myr php vnd zar egp ngn kes mad ils aed sar qar pkr bdt lkr".split()
)


def asked_currency(known: frozenset[str]) -> str:
    """The one currency among inputs, names and values, of which one is called so; "" without."""
    codes = known & _CODES
    return min(codes).upper() if len(codes) == 1 and any("currency" in name for name in known) else ""


def named(name: str, unit: str) -> str:
    """What is measured: a wind in km/h is a wind speed."""
    return f"{name} speed" if name.endswith("wind") and unit in _SPEEDS else name


def in_words(key: str) -> tuple[str, ...]:
    """The names under which a record may hold the number of `key` once more, as people read it."""
    return tuple(f"{key}{ending}" for ending in _IN_WORDS)


def number_of(key: str) -> str:
    """The key whose number is told in words under this one; "" if the name does not say so."""
    return next((key.removesuffix(ending) for ending in _IN_WORDS if key.endswith(ending)), "")
