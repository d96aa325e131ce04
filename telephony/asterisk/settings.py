"""Everything about the private PBX that can be chosen, checked so that no value can break out of a config file."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

RUN_FOLDER_LIMIT = 90
"""Longest run folder, in bytes: the control socket in it has a name of at most 107 (`sockaddr_un`)."""

_PATH_CHARACTERS = re.compile(r"/[\w./ @+~-]*")


def _address(value: str) -> str:
    try:
        parsed = ipaddress.IPv4Address(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not an IPv4 address; write one like 127.0.0.1 or 192.168.1.10") from error
    return str(parsed)


def _loopback(value: str) -> str:
    value = _address(value)
    if not ipaddress.IPv4Address(value).is_loopback:
        raise ValueError(f"{value} is not a loopback address; the lab trunk never leaves this machine (use 127.0.0.x)")
    return value


def _config_path(value: Path) -> Path:
    """An absolute path that Asterisk reads the same in a config line and in a dialplan argument."""
    path = Path(value).absolute()
    text = str(path)
    if not _PATH_CHARACTERS.fullmatch(text):
        odd = sorted(set(re.sub(r"[\w./ @+~-]", "", text)))
        raise ValueError(
            f"the path {text!r} holds {' '.join(map(repr, odd))}, which means something in Asterisk's config"
        )
    if any(part != part.strip() for part in path.parts):
        raise ValueError(f"the path {text!r} has a folder that begins or ends with a space; rename it")
    return path


Port = Annotated[int, Field(ge=1024, le=65535)]
Address = Annotated[str, AfterValidator(_address)]
Loopback = Annotated[str, AfterValidator(_loopback)]
ConfigPath = Annotated[Path, AfterValidator(_config_path)]
Word = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
Password = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{8,128}$")]
MusicName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
QueueName = Annotated[str, Field(pattern=r"^[\w-]{1,40}$")]
SeatNumber = Annotated[str, Field(pattern=r"^[0-9]{1,15}$")]


def web_user(seat: str) -> str:
    """The SIP user, and the PJSIP endpoint, of the seat's phone in a browser."""
    return f"{seat}-web"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Seat(_Frozen):
    """A desk: the number that reaches it and the passwords its phones register with.

    `password` is the SIP phone's, who registers as `1001`. `web_password` is the browser's, who registers as `1001-web`
    over the WebSocket on loopback; None: no browser may be this seat's phone.
    """

    number: SeatNumber
    password: Password = Field(repr=False)
    web_password: Password | None = Field(default=None, repr=False)

    @property
    def web_user(self) -> str:
        """What the browser registers as; also the name of its endpoint."""
        return web_user(self.number)


class PbxSettings(_Frozen):
    """The private PBX. Paths are made absolute; ARI and AMI are on 127.0.0.1 and nothing can move them."""

    home: ConfigPath
    tree_folder: ConfigPath | None = None
    """The unpacked Debian packages; `<home>/tree` when None."""

    sip_address: Address = "127.0.0.1"
    """Where phones register: a loopback or LAN address of this machine, or 0.0.0.0 for all."""
    sip_port: Port = 5160
    lab_address: Loopback = "127.0.0.1"
    lab_port: Port = 5161
    """Where the virtual public network calls in; a transport of its own."""
    lab_peer: Loopback = "127.0.0.2"
    """The address the lab's callers send from: it alone identifies the lab trunk."""
    http_port: Port = 8188
    ami_port: Port = 5138
    own_addresses: tuple[Address, ...] = ()
    """As `telephony.addresses` finds them. Where phones stay on loopback, browsers are offered that in their place."""
    rtp_from: Port = 20000
    rtp_to: Port = 24999

    recordings: ConfigPath
    prompts: ConfigPath
    """Holds `<language>/<prompt>.wav`, 8 kHz mono."""
    music: ConfigPath
    """Holds `<class>/*.wav`, 8 kHz mono."""
    music_classes: tuple[MusicName, ...] = ("default",)
    """The folders of `music` that have something to play; `default` is what plays where no other is asked for."""
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})?$")] = "zh-CN"
    call_limit_s: Annotated[int, Field(ge=10, le=86400)] = 7200
    knocks: Annotated[int, Field(ge=1, le=600)] = 60
    """So often, once a second, a call asks for the floor before it is asked to call later."""

    seats: tuple[Seat, ...] = ()
    queues: tuple[QueueName, ...] = ()

    app: Word = "ringside"
    ari_user: Word = "ringside"
    ari_password: Password = Field(repr=False)
    ami_user: Word = "ringside"
    ami_password: Password = Field(repr=False)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        self._ports_distinct()
        if "default" not in self.music_classes:
            raise ValueError("music_classes lack default, which plays wherever no other music is asked for; add it")
        if self.rtp_to - self.rtp_from < 9:
            raise ValueError(f"rtp_from {self.rtp_from} to rtp_to {self.rtp_to} is no range of at least 10 ports")
        if self.lab_peer in {self.lab_address, self.sip_address}:
            raise ValueError(f"lab_peer {self.lab_peer} must differ from the addresses the PBX itself listens on")
        numbers = [seat.number for seat in self.seats]
        if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
            raise ValueError(f"seat {', '.join(twice)} is there twice; give every seat a number of its own")
        if (length := len(str(self.run_folder).encode())) >= RUN_FOLDER_LIMIT:
            raise ValueError(
                f"the run folder {self.run_folder} is {length} bytes long and must stay under {RUN_FOLDER_LIMIT} "
                "(its control socket would be cut off); choose a shorter home"
            )
        return self

    def _ports_distinct(self) -> None:
        named = {name: getattr(self, name) for name in ("sip_port", "lab_port", "http_port", "ami_port")}
        for name, port in named.items():
            if others := [other for other, value in named.items() if value == port and other != name]:
                raise ValueError(f"{name} and {others[0]} are both {port}; give each its own port")
            if self.rtp_from <= port <= self.rtp_to:
                raise ValueError(f"{name} {port} lies inside the RTP range {self.rtp_from}-{self.rtp_to}; move one")

    @property
    def tree(self) -> Path:
        return self.tree_folder or self.home / "tree"

    @property
    def etc(self) -> Path:
        return self.home / "etc"

    @property
    def run_folder(self) -> Path:
        return self.home / "run"

    @property
    def log_folder(self) -> Path:
        return self.home / "log"

    @property
    def data_folder(self) -> Path:
        return self.home / "data"

    @property
    def cel_file(self) -> Path:
        """Channel events as `cel_custom` writes them (one CSV line each): see `telephony.asterisk.cel`."""
        return self.log_folder / "cel-custom" / "events.csv"

    @property
    def web_sip_url(self) -> str:
        """Where SIP is spoken over a WebSocket (subprotocol `sip`), on this machine only."""
        return f"ws://127.0.0.1:{self.http_port}/ws"

    @property
    def on_loopback(self) -> bool:
        """Whether phones, too, are reached on this machine only."""
        return ipaddress.IPv4Address(self.sip_address).is_loopback

    @property
    def ari_url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}/ari"
