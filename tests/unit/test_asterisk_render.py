"""Facts that every rendered configuration must hold, whatever the settings."""

import configparser
import re
from pathlib import Path

import pytest
from test_asterisk_settings import settings

from telephony.asterisk.render import CHANNEL_VARIABLES, FILES, digest, render, write_config
from telephony.asterisk.settings import Seat


def sections(text: str) -> dict[str, dict[str, str]]:
    """An Asterisk file without repeated sections, as a table."""
    parser = configparser.ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text.replace("=>", "="))
    return {name: dict(parser[name]) for name in parser.sections()}


def test_ari_and_ami_listen_on_this_machine_only_even_when_phones_come_from_outside() -> None:
    files = render(settings(sip_address="0.0.0.0"))
    assert sections(files["http.conf"])["general"]["bindaddr"] == "127.0.0.1"
    assert sections(files["manager.conf"])["general"]["bindaddr"] == "127.0.0.1"
    assert sections(files["manager.conf"])["ringside"]["permit"] == "127.0.0.1/255.255.255.255"


def test_the_lab_trunk_stays_on_loopback_and_is_known_by_its_address_first() -> None:
    pjsip = render(settings(sip_address="192.168.7.2"))["pjsip.conf"]
    assert "bind = 192.168.7.2:5160" in pjsip
    assert "bind = 127.0.0.1:5161" in pjsip
    assert "match = 127.0.0.2" in pjsip
    assert "endpoint_identifier_order = header,ip,username" in pjsip
    assert sections(pjsip)["lab"]["match"]
    assert "[lab]\ntype = endpoint\nidentify_by = ip\n" in pjsip


def test_a_restarted_brain_finds_every_variable_in_each_channel() -> None:
    general = sections(render(settings())["ari.conf"])["general"]
    assert general["channelvars"].split(",") == list(CHANNEL_VARIABLES)
    architecture = (Path(__file__).parents[2] / "docs/architecture.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(RS_[A-Z]+)`", architecture)) <= set(CHANNEL_VARIABLES)


def test_asterisk_reads_its_own_folders() -> None:
    text = render(settings())["asterisk.conf"]
    assert "[directories]\n" in text  # with (!) after it Asterisk would ignore them
    folders = {value for key, value in sections(text)["directories"].items() if key.startswith(("ast",))}
    assert all(value.startswith("> /srv/ringside/var/pbx") or "/srv/ringside/var/pbx" in value for value in folders)


def test_no_module_is_loaded_that_is_not_listed() -> None:
    modules = sections(render(settings())["modules.conf"])["modules"]
    assert modules["autoload"] == "no"
    assert "pbx_spool" not in render(settings())["modules.conf"]
    assert "app_system" not in render(settings())["modules.conf"]


@pytest.mark.parametrize("context", ["from-lab", "from-phones", "agent-leg", "customer-leg"])
def test_every_context_of_the_architecture_page_is_there(context: str) -> None:
    assert f"[{context}]" in render(settings())["extensions.conf"]


def test_the_dialplan_calls_nobody_by_itself() -> None:
    """The floor decides; so no lab number can leave over a carrier by the dialplan."""
    assert not re.search(r"\b(Dial|Originate|System|AGI|Exec|TrySystem)\(", render(settings())["extensions.conf"])


def test_every_seat_has_a_phone_a_password_and_a_lamp() -> None:
    seats = tuple(Seat(number=str(number), password=f"secret{number}") for number in (1001, 1002))
    files = render(settings(seats=seats, queues=("complaint",)))
    for seat in seats:
        assert f"[{seat.number}](seat)" in files["pjsip.conf"]
        assert f"password = {seat.password}" in files["pjsip.conf"]
        assert f"exten => {seat.number},hint,PJSIP/{seat.number}" in files["extensions.conf"]
    assert "exten => queue-complaint,hint,Stasis:queue-complaint" in files["extensions.conf"]


def test_the_digest_changes_with_any_setting_and_with_nothing_else() -> None:
    assert digest(render(settings())) == digest(render(settings()))
    assert digest(render(settings())) != digest(render(settings(ari_password="otherPassword")))


def test_each_music_class_plays_its_own_folder() -> None:
    rendered = sections(render(settings(music_classes=("calm", "default")))["musiconhold.conf"])
    assert rendered["default"]["directory"] == "/srv/ringside/var/music/default"
    assert rendered["calm"]["directory"] == "/srv/ringside/var/music/calm"
    assert rendered["calm"]["mode"] == "files"


def test_new_music_waits_for_the_next_start_calls_do_not() -> None:
    """The supervisor restarts a switch with another digest, whoever is talking on it."""
    assert digest(render(settings(music_classes=("default", "ours")))) == digest(render(settings()))


def test_writing_replaces_the_whole_folder(tmp_path: Path) -> None:
    home = tmp_path / "pbx"
    chosen = settings(home=home, recordings=home / "r", prompts=home / "p", music=home / "m")
    first = write_config(chosen)
    (chosen.etc / "stray.conf").write_text("left over")
    assert write_config(chosen) == first
    assert sorted(path.name for path in chosen.etc.iterdir()) == sorted(FILES)
    assert chosen.etc.stat().st_mode & 0o077 == 0
    assert not list(home.glob("etc.*"))


def test_a_seat_may_be_a_page_which_is_heard_on_this_machine_only() -> None:
    """Its password is told to a page; nobody in the network can register with it."""
    seats = (
        Seat(number="1001", password="secret1001", web_password="pageSecret1"),
        Seat(number="1002", password="secret1002"),
    )
    files = render(settings(seats=seats, sip_address="0.0.0.0"))
    pjsip, dialplan = files["pjsip.conf"], files["extensions.conf"]
    assert "[1001-web](web)\nauth = 1001-web\naors = 1001-web\n" in pjsip
    assert "[1002-web]" not in pjsip
    page = pjsip.split("[web](!,seat)")[1].split("[web-aor]")[0]
    assert "webrtc = yes" in page and "deny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.0/255.0.0.0" in page
    assert "exten => 1001,hint,PJSIP/1001&PJSIP/1001-web\n" in dialplan
    assert "exten => 1002,hint,PJSIP/1002\n" in dialplan
    assert "Set(RS_AGENT=${FILTER(0-9,${CHANNEL(endpoint)})})" in dialplan  # a page dials as its seat


def test_where_phones_stay_on_this_machine_browsers_are_offered_its_loopback_address_alone() -> None:
    assert "ice_permit = 127.0.0.0/255.0.0.0" in render(settings())["rtp.conf"]
    assert "ice_deny" not in render(settings(sip_address="192.168.7.2"))["rtp.conf"]
    here, moved = render(settings(own_addresses=("192.168.7.2",))), render(settings(own_addresses=("10.1.1.9",)))
    assert "192.168.7.2 => 127.0.0.1" in here["rtp_addresses.conf"]
    assert digest(here) == digest(moved)  # no call is lost because the machine got another address
