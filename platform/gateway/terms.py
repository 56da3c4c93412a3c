"""What a connection may say: checked for every way it is written, by form or over REST. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gateway.addresses import BadAddress, checked_url
from gateway.client.simulated import MODELS
from gateway.models import LONGEST_MODEL, LONGEST_NAME, Kind

MOST_MODELS = 500
LONGEST_KEY = 4096
LONGEST_TRACED_AS = 100
# Azure's versions are days, perhaps with `-preview` behind.
_API_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?\Z")


class BadTerms(ValueError):
    """A connection that cannot be; `faults` are pairs of a field and what is wrong with it."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{where}: {text}" for where, text in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Terms:
    """A connection without its key. `model_names` of one that asks the provider are left to it."""

    kind: Kind
    name: str
    base_url: str = ""
    api_version: str = ""
    traced_as: str = ""
    model_names: list[str] = field(default_factory=list)
    asks_models: bool = False
    is_enabled: bool = True


def checked(terms: Terms) -> Terms:
    """`terms` as they are stored. Raises: BadTerms."""
    faults: list[tuple[str, str]] = []
    terms = replace(
        terms,
        name=terms.name.strip(),
        traced_as=terms.traced_as.strip().lower(),
        api_version=terms.api_version.strip(),
        model_names=_names(terms.model_names),
    )
    if not terms.name:
        faults.append(("name", "A connection has a name."))
    elif len(terms.name) > LONGEST_NAME:
        faults.append(("name", f"A name has at most {LONGEST_NAME} characters."))
    if len(terms.traced_as) > LONGEST_TRACED_AS:
        faults.append(("traced_as", f"At most {LONGEST_TRACED_AS} characters."))
    if terms.kind == Kind.SIMULATED:
        known = terms.model_names or list(MODELS)
        if unknown := sorted(set(known) - set(MODELS)):
            faults.append(("model_names", f"There is no simulated model {unknown[0]}."))
        terms = replace(
            terms, base_url="", api_version="", traced_as="", model_names=known, asks_models=False
        )
    else:
        terms = _with_address(terms, faults)
    if len(terms.model_names) > MOST_MODELS:
        faults.append(("model_names", f"At most {MOST_MODELS} models."))
    elif not all(map(is_model_name, terms.model_names)):
        faults.append(
            ("model_names", f"A model's name has at most {LONGEST_MODEL} characters, and no NUL.")
        )
    if faults:
        raise BadTerms(faults)
    return terms


def _with_address(terms: Terms, faults: list[tuple[str, str]]) -> Terms:
    if terms.base_url.strip():
        try:
            terms = replace(terms, base_url=checked_url(terms.base_url))
        except BadAddress as bad:
            faults.append(("base_url", str(bad)))
    elif terms.kind == Kind.AZURE:
        faults.append(("base_url", "Azure needs the endpoint of your resource."))
    if terms.kind != Kind.AZURE:
        return replace(terms, api_version="")
    if terms.api_version and not _API_VERSION.match(terms.api_version):
        faults.append(("api_version", "A version is a day such as 2024-10-21; empty: the API v1."))
    if not terms.model_names:
        faults.append(("model_names", "Name at least one deployment: Azure does not list them."))
    return replace(terms, asks_models=False)


def is_model_name(name: str) -> bool:
    """True where `name` can be stored: not too long, and without NUL, which PostgreSQL refuses."""
    return len(name) <= LONGEST_MODEL and "\x00" not in name


def _names(given: Iterable[str]) -> list[str]:
    """Names without blanks and repeats, in their order."""
    return list(dict.fromkeys(name.strip() for name in given if name.strip()))


def checked_key(kind: Kind, key: str) -> str:
    """`key` as it is sealed; empty where the kind needs none. Raises: BadTerms."""
    key = key.strip()
    if kind == Kind.SIMULATED:
        return ""
    if not key and kind in (Kind.ANTHROPIC, Kind.AZURE):
        raise BadTerms([("key", "This provider needs a key.")])
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise BadTerms([("key", "A key is plain ASCII without line ends.")])
    return key


def hint_of(key: str) -> str:
    """The end of a key, to tell keys apart; of a short one nothing."""
    return f"…{key[-4:]}" if len(key) >= 16 else ("set" if key else "")
