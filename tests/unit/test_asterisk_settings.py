"""No value of the PBX's settings can break out of a config file, and what cannot work is refused with its reason."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from telephony.asterisk.settings import PbxSettings, Seat


def settings(**changes: Any) -> PbxSettings:
    values: dict[str, Any] = {
        "home": Path("/srv/ringside/var/pbx"),
        "recordings": Path("/srv/ringside/var/recordings"),
        "prompts": Path("/srv/ringside/var/prompts"),
        "music": Path("/srv/ringside/var/music"),
        "seats": (Seat(number="1001", password="secret1001"),),
        "ari_password": "ariPassword1",
        "ami_password": "amiPassword1",
    }
    return PbxSettings(**(values | changes))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sip_address", "127.0.0.1\nbind=0.0.0.0"),
        ("sip_address", "localhost"),
        ("sip_address", "::1"),
        ("lab_address", "192.168.1.4"),
        ("lab_peer", "10.0.0.1"),
        ("lab_peer", "127.0.0.1"),
        ("sip_port", 80),
        ("sip_port", 65536),
        ("http_port", 5160),
        ("ami_port", 20000),
        ("rtp_to", 20003),
        ("ari_user", "a]\n[b"),
        ("ari_password", "pass word1"),
        ("ari_password", "password;1"),
        ("ami_password", "short"),
        ("ami_password", "password1\nwrite=all"),
        ("app", "ring,side"),
        ("language", "zh-CN\nx"),
        ("language", "../../etc"),
        ("queues", ("sales\nexten => _.,1,System(id)",)),
        ("queues", ("a b",)),
        ("recordings", Path("/srv/rec),System(id)")),
        ("recordings", Path("/srv/${SHELL(id)}")),
        ("recordings", Path("/srv/a;b")),
        ("prompts", Path("/srv/a&b")),
        ("music", Path("/srv/a\nb")),
        ("music_classes", ("calm",)),
        ("music_classes", ("default", "a]\n[b")),
        ("home", Path("/srv/[a]")),
        ("home", Path("/srv/ a")),
        ("home", Path("/" + "x" * 90)),
        ("call_limit_s", 0),
        ("no_such_setting", 1),
    ],
)
def test_a_value_that_could_do_harm_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        settings(**{name: value})


@pytest.mark.parametrize(
    ("number", "password"),
    [
        ("1001;", "secret1001"),
        ("", "secret1001"),
        ("1001\n", "secret1001"),
        ("１００１", "secret1001"),
        ("1001", "secret]\n[x"),
        ("1001", ""),
    ],
)
def test_a_seat_is_digits_and_a_plain_password(number: str, password: str) -> None:
    with pytest.raises(ValidationError):
        Seat(number=number, password=password)


def test_two_seats_never_share_a_number() -> None:
    seat = Seat(number="1001", password="secret1001")
    with pytest.raises(ValidationError, match="seat 1001 is there twice"):
        settings(seats=(seat, seat))


def test_a_long_home_is_refused_with_the_reason() -> None:
    with pytest.raises(ValidationError, match=r"run folder .* must stay under 90 .* choose a shorter home"):
        settings(home=Path("/srv/" + "long/" * 18))


def test_a_home_of_many_bytes_in_few_characters_counts_bytes() -> None:
    with pytest.raises(ValidationError, match="run folder"):
        settings(home=Path("/srv/" + "课" * 28))


def test_a_chinese_folder_with_a_space_is_fine() -> None:
    assert settings(home=Path("/home/王 老师/ringside")).etc == Path("/home/王 老师/ringside/etc")


def test_passwords_do_not_show_in_a_log_line() -> None:
    text = repr(settings())
    assert "ariPassword1" not in text
    assert "amiPassword1" not in text
    assert "secret1001" not in text
