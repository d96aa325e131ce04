"""The PBX's settings as they follow from the lab's, with the generated passwords."""

from pathlib import Path

from lab_server.config import Settings
from telephony.addresses import own_addresses
from telephony.asterisk.secrets import load_secrets
from telephony.asterisk.settings import PbxSettings, Seat
from telephony.asterisk.tree import Tree
from telephony.speech.music_files import music_classes


def pbx_settings(settings: Settings) -> PbxSettings:
    """Passwords are made on the first call and kept in `var/secrets/pbx.json`.

    Raises SecretsUnreadableError, and PbxNotInstalledError when the setting `asterisk` names none.
    """
    seats = [name for number in settings.seat_numbers for name in (f"seat-{number}", f"web-{number}")]
    names = ["ari", "ami", *seats]
    passwords = load_secrets(settings.secrets / "pbx.json", names)
    return PbxSettings(
        home=settings.pbx,
        tree_folder=Tree.at(Path(settings.asterisk)).root if settings.asterisk else None,
        sip_address=settings.sip_address,
        sip_port=settings.sip_port,
        lab_port=settings.lab_port,
        http_port=settings.http_port,
        ami_port=settings.ami_port,
        own_addresses=tuple(str(address) for address in own_addresses() if address.version == 4),
        rtp_from=settings.rtp_from,
        rtp_to=settings.rtp_to,
        recordings=settings.recordings,
        prompts=settings.prompts,
        music=settings.var / "music",
        music_classes=music_classes(settings.var / "music"),
        language=settings.language,
        seats=tuple(
            Seat(number=number, password=passwords[f"seat-{number}"], web_password=passwords[f"web-{number}"])
            for number in settings.seat_numbers
        ),
        queues=settings.queues,
        ari_password=passwords["ari"],
        ami_password=passwords["ami"],
    )
