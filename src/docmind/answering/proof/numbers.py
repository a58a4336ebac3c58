"""Numbers: digits and words joined with their scale, currency and unit into one token that has a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from text_to_num import alpha2digit

from docmind.answering.proof.tokens import Word, is_year, value_of, words_in, written_value

_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9,
    "trillion": 1e12, "tn": 1e12, "dozen": 12.0,
}  # fmt: skip
_SPELLED = words_in(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion"
)
_WHOLES_BEHIND = words_in("of the all its their his her our")
_PARTS_BEFORE = words_in(
    "first second other latter former same top bottom upper lower northern southern eastern western and a"
)
_SHARES = frozenset(
    {"", *words_in("by about nearly almost than to is was are were roughly over under only approximately")}
)
_CURRENCIES = {"$": "USD", "US$": "USD", "£": "GBP", "€": "EUR", "¥": "JPY", "₹": "INR"}
# Written forms of one unit stand on one line; what is not here is an ordinary word behind a number.
_UNITS = """
%: % percent per_cent
percentage point: pp percentage_point percentage_points %_points percent_points
USD: dollar dollars usd
EUR: euro euros eur
GBP: pound pounds gbp
JPY: yen jpy
INR: rupee rupees inr
cent: cent cents
degree: ° degree degrees
celsius: °_c celsius centigrade degrees_celsius degree_celsius degrees_c degrees_centigrade
fahrenheit: °_f fahrenheit degrees_fahrenheit degree_fahrenheit degrees_f
square metre: m2 m² square_metre square_metres square_meter square_meters sq_m
square km: km2 km² square_kilometre square_kilometres square_kilometer square_kilometers sq_km
square mile: square_mile square_miles sq_mi
square foot: square_foot square_feet sq_ft
cubic metre: m3 m³ cubic_metre cubic_metres cubic_meter cubic_meters
cubic km: km3 km³ cubic_kilometre cubic_kilometres cubic_kilometer cubic_kilometers
cubic foot: cubic_foot cubic_feet
kelvin: kelvin kelvins
second: seconds sec secs
minute: minute minutes min mins
hour: hour hours hr hrs
day: day days
week: week weeks
month: month months
quarter: quarter quarters
year: year years yr yrs
decade: decade decades
century: century centuries
millennium: millennium millennia
mm: mm millimetre millimetres millimeter millimeters
cm: cm centimetre centimetres centimeter centimeters
metre: metre metres meter meters
km: km kilometre kilometres kilometer kilometers
inch: inch inches
foot: foot feet ft
yard: yard yards
mile: mile miles mi
acre: acre acres
hectare: hectare hectares ha
mg: mg milligram milligrams
gram: gram grams
kg: kg kilogram kilograms kilo kilos
tonne: tonne tonnes ton tons
lb: lb lbs
ounce: ounce ounces oz
ml: ml millilitre millilitres milliliter milliliters
litre: litre litres liter liters
gallon: gallon gallons
barrel: barrel barrels
kb: kb kilobyte kilobytes
mb: mb megabyte megabytes
gb: gb gigabyte gigabytes
tb: tb terabyte terabytes
watt: watt watts
kw: kw kilowatt kilowatts
mw: mw megawatt megawatts
gw: gw gigawatt gigawatts
kwh: kwh
volt: volt volts
hz: hz hertz
khz: khz kilohertz
mhz: mhz megahertz
ghz: ghz gigahertz
bar: bar bars
psi: psi
pascal: pascal pascals
kpa: kpa
mpa: mpa
mph: mph
"""
_UNIT_OF = {
    written.replace("_", " "): unit
    for unit, forms in (line.split(": ") for line in _UNITS.strip().splitlines())
    for written in forms.split()
}


def numbered(sentence: str, words: list[Word]) -> Iterator[Word]:
    """The words of a sentence, each number joined with what belongs to it."""
    at = 0
    while at < len(words):
        number, after = _number_at(sentence, words, at)
        if number is None:
            yield words[at]
            at += 1
        else:
            yield number
            at = after


def _number_at(sentence: str, words: list[Word], at: int) -> tuple[Word | None, int]:
    """The number that begins at a word, and the place behind it."""
    unit, begin = None, at
    if words[at].text in _CURRENCIES and at + 1 < len(words) and words[at + 1].kind == "number":
        unit, at = _CURRENCIES[words[at].text], at + 1
    value: float | None = None
    if words[at].kind == "number":
        if words[at].key.startswith("#"):
            return (words[at], at + 1)
        value, key, at = value_of(words[at].text), words[at].key, at + 1
    elif _is_half(words, at):
        return replace(words[at], kind="number", key="50", keys=frozenset(("50",)), unit="%", telling=True), at + 1
    else:
        value, at = _spelled(words, at)
        if value is None:
            return None, at
        key = written_value(value)
    while at < len(words) and words[at].lower in _SCALES and value is not None:
        short = len(words[at].lower) <= 2
        if short and (words[at].start != words[at - 1].end and words[at].lower in ("m", "b", "k") and unit is None):
            break
        value *= _SCALES[words[at].lower]
        key, at = written_value(value), at + 1
    unit, at = _unit_at(words, at, unit)
    if unit and value is not None:
        key = written_value(value)
    start, end, first = words[begin].start, words[at - 1].end, words[begin].first
    text = sentence[start:end]
    return Word(text, start, end, "number", key, frozenset((key,)), unit=unit, telling=True, first=first), at


def _is_half(words: Sequence[Word], at: int) -> bool:
    """Whether a 'half' is 50% of something; that of 'the second half' and of 'half an hour' is not."""
    if words[at].lower != "half":
        return False
    before = words[at - 1].lower if at else ""
    after = words[at + 1].lower if at + 1 < len(words) else ""
    ends = after in ("", ".", ",", ";") and before in _SHARES
    less = before in ("by", "than") and after not in ("a", "an")  # 'fell by half in May', not 'by half an hour'
    return before not in _PARTS_BEFORE and (after in _WHOLES_BEHIND or ends or less)


def _spelled(words: list[Word], at: int) -> tuple[float | None, int]:
    """The value of a number in words, and the place behind it."""
    end = at
    while end < len(words):
        lower = words[end].lower
        if lower in _SPELLED:
            end += 1
        elif end > at and lower in ("and", "point", "-") and end + 1 < len(words) and words[end + 1].lower in _SPELLED:
            if lower == "and" and words[end - 1].lower not in ("hundred", "thousand", "million", "billion"):
                break
            end += 1
        else:
            break
    if end == at:
        return (12.0, at + 1) if words[at].lower == "dozen" else (None, at)
    if end == at + 1 and words[at].lower == "one" and not _counts(words, at):
        return None, at
    written = alpha2digit(" ".join(word.lower for word in words[at:end] if word.text != "-"), "en", threshold=0)
    total: float | None = None
    for part in written.split():
        try:
            number = float(part.replace(",", ""))
        except ValueError:
            return None, at
        total = number if total is None else (total * number if number >= 1000 and number > total else None)
        if total is None:  # 'nineteen ninety-nine' and 'two three' are no one number: only the first word is taken
            return _single(words[at].lower), at + 1
    return total, end


def _single(word: str) -> float:
    return float(alpha2digit(word, "en", threshold=0))


def _counts(words: list[Word], at: int) -> bool:
    """Whether a 'one' is a number rather than a pronoun."""
    after = words[at + 1].lower if at + 1 < len(words) else ""
    return after in _UNIT_OF or after in _SCALES


def _unit_at(words: list[Word], at: int, unit: str | None) -> tuple[str | None, int]:
    """The unit that stands behind a number, and the place behind it; a currency may stand on both sides."""
    if at + 1 < len(words) and words[at].text == "-" and unit is None:  # 24-hour
        named, end = _unit_at(words, at + 1, None)
        return (named, end) if named else (None, at)
    for length in (2, 1):
        named = _UNIT_OF.get(" ".join(word.lower for word in words[at : at + length]))
        if named and at + length <= len(words) and unit in (None, named):
            return named, at + length
    return unit, at


def with_ranges(words: Sequence[Word]) -> Iterator[Word]:
    """In 'from 5 to 10 million dollars' the first number takes the second one's unit, and perhaps its scale."""
    for at, word in enumerate(words):
        if word.kind == "number" and word.unit is None and at + 2 < len(words):
            between, other = words[at + 1].lower, words[at + 2]
            if is_year(word) and other.unit and between == "and":  # 'in 2019 and $7 million in 2020' is no range
                yield word
                continue
            if between in ("to", "and", "or", "-", "–", "—") and other.kind == "number" and word.text[-1:].isdigit():
                scale = next((s for w, s in _SCALES.items() if f" {w}" in f" {other.lower} "), 1.0)
                keys = word.keys | {written_value(value_of(word.text) * scale)}
                yield replace(word, unit=other.unit, keys=keys)
                continue
        yield word
