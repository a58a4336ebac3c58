"""Text stays on this machine: which addresses of servers are taken, and which are refused."""

from __future__ import annotations

import pytest

from docmind.errors import SettingsError
from docmind.network import is_loopback, require_local


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:6333",
        "http://127.9.8.7",
        "http://[::1]:6333",
        "http://[::ffff:127.0.0.1]:6333",
        "https://127.0.0.1/under/a/path",
        "http://localhost:6333",
        "http://LOCALHOST",
        " http://127.0.0.1:6333/ ",
        "http://2130706433:6333",  # 127.0.0.1 written as one number
    ],
)
def test_an_address_of_this_machine_is_taken(url: str) -> None:
    address = require_local(url, allowed=False)
    assert address.addresses
    assert all(map(is_loopback, address.addresses))
    assert not address.leaves_machine


def test_the_address_comes_back_clean() -> None:
    assert require_local(" http://127.0.0.1:6333/base/?a=b#c ", allowed=False).url == "http://127.0.0.1:6333/base"
    assert require_local("http://127.0.0.1:6333", allowed=False).words == "server at 127.0.0.1:6333"


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.7:6333",
        "https://[2001:db8::7]:6333",
        "http://0.0.0.0:6333",  # every address, which is not only this machine's
        "http://10.0.0.1",
        "http://[::ffff:192.0.2.7]",
    ],
)
def test_another_machine_needs_the_users_word(url: str) -> None:
    with pytest.raises(SettingsError, match="DOCMIND_ALLOW_REMOTE_SERVER=true"):
        require_local(url, allowed=False)
    assert require_local(url, allowed=True).leaves_machine


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1@192.0.2.7:6333", "user name"),
        ("http://somebody:secret@127.0.0.1", "user name"),
        ("ftp://127.0.0.1", "http://"),
        ("file:///etc/passwd", "http://"),
        ("unix:///run/qdrant.sock", "http://"),
        ("127.0.0.1:6333", "http://"),
        ("//127.0.0.1", "http://"),
        ("http://", "http://"),
        ("", "http://"),
        ("http://127.0.0.1:port", "no address"),
        ("http://127.0.0.1:99999999", "no address"),
        ("http://127.0.0.1:0", "no address"),
        ("http://nobody.invalid:6333", "Nobody knows"),
    ],
)
def test_what_is_no_plain_address_is_refused_in_words(url: str, words: str, allowed: bool) -> None:
    with pytest.raises(SettingsError, match=words) as refusal:
        require_local(url, allowed=allowed, setting="DOCMIND_QDRANT_URL")
    assert "DOCMIND_QDRANT_URL" in str(refusal.value)
    assert "secret" not in str(refusal.value)
