"""The one configuration object: built once by `load`, frozen, handed down.

A setting comes from, in this order: an argument (the command line), an environment variable `RINGSIDE_<NAME>`
(`DATABASE_URL` for the database, as hosting services call it), the file `ringside.toml` in the working folder (or the
one that `RINGSIDE_CONFIG` names), the default here. Importing this module reads nothing.
"""

import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from datasets.numbers import NumberRanges
from lab_server.webhooks.addresses import is_host

Language = Literal["zh-CN", "en"]
SpeechEngine = Literal["auto", "espeak", "gtts", "piper"]
Queue = str
Key = str

PREFIX = "RINGSIDE_"
CONFIG_FILE = "ringside.toml"
# A Unix socket's path is cut at 107 bytes, Asterisk's at fewer; the longest name we put under `var` is about 25.
LONGEST_VAR = 80


class ConfigError(Exception):
    """A setting is wrong; the text names the setting, its value, what was expected and where it came from."""

    error_id: ClassVar[str] = "config"


class Settings(BaseSettings):
    """All settings. Folders are absolute; times that end in `_s` are seconds."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=PREFIX, validate_default=True)

    var: Path = Field(default=Path("var"), description="folder for everything that is made at run time")
    site_name: str = Field(default="Ringside", min_length=1, max_length=80)
    time_zone: str = "Asia/Shanghai"
    language: Language = "zh-CN"
    database_url: str = ""
    """Empty: SQLite in `var/db/ringside.sqlite`. `postgresql://…` is spoken to with psycopg."""
    bus: str = ""
    """Empty: a socket in `var/run`. `tcp://host:port` when processes move apart."""

    asterisk: str = ""
    """An Asterisk of 22.3 or newer: its binary, or the root of its tree. Empty: the one in `var/pbx`."""
    sip_address: str = "127.0.0.1"
    sip_port: int = Field(default=5160, ge=1024, le=65535)
    lab_port: int = Field(default=5161, ge=1024, le=65535)
    http_port: int = Field(default=8188, ge=1024, le=65535)
    ami_port: int = Field(default=5138, ge=1024, le=65535)
    web_port: int = Field(default=8080, ge=1, le=65535)
    web_address: str = "127.0.0.1"
    https: Literal["auto", "always"] = "auto"
    """`auto`: where other machines come; on this machine alone browsers give the microphone without it."""
    https_port: int = Field(default=8443, ge=1, le=65535)
    tls_cert: str = ""
    """A certificate of one's own (a PEM file with its chain), and its key; else the lab makes its own."""
    tls_key: str = ""
    web_open: bool = False
    """Other machines may come (`web_address`) although nothing is encrypted: passwords can be read on the way."""
    webhook_hosts: tuple[str, ...] = ()
    """Where webhooks may go: hosts, addresses, networks (`10.0.0.0/8`). This machine only if its address is named."""
    rtp_from: int = Field(default=20000, ge=1024, le=65534)
    rtp_to: int = Field(default=24999, ge=1025, le=65535)

    seats_from: int = Field(default=1001, ge=100, le=99_000)
    seats: int = Field(default=50, ge=1, le=999)
    number_prefixes: tuple[str, ...] = Field(default=("163", "164"), min_length=1)
    """What virtual callers' numbers begin with: ranges out of service. No such number ever leaves over a carrier."""

    speech: SpeechEngine = "auto"
    allow_gtts: bool = False
    piper_voices: dict[str, Path] = {}
    """An extra: a `.onnx` file for each `<language>/<variant>`, such as `en/m1`, spoken by piper-tts if installed."""

    queues: tuple[Queue, ...] = Field(default=("complaint", "order"), min_length=1)
    menu_keys: dict[Key, Queue] = {"1": "complaint", "2": "order"}
    plan: str = ""
    """The floor plan's YAML file: lines, hours, menus, queues. Empty: a plan made from `queues` and `menu_keys`."""
    ring_timeout_s: float = Field(default=20.0, ge=1, le=300)
    wrap_up_limit_s: float = Field(default=120.0, ge=0, le=3600)
    """How long an agent may be in wrap-up after a call before being ready again."""

    disk_low_mb: int = Field(default=2000, ge=1)
    disk_full_mb: int = Field(default=200, ge=1)
    """With less free space (MiB) for recordings an alert is raised: soon full, and full as far as we are concerned."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        hosted = {"database_url": os.environ["DATABASE_URL"]} if "DATABASE_URL" in os.environ else {}
        return (
            init_settings,
            env_settings,
            InitSettingsSource(settings_cls, hosted),
            InitSettingsSource(settings_cls, read_file(config_file())),
        )

    @field_validator("var")
    @classmethod
    def _absolute(cls, var: Path) -> Path:
        absolute = var.expanduser().absolute()
        if len(str(absolute)) > LONGEST_VAR:
            raise ValueError(f"a folder whose path has at most {LONGEST_VAR} characters (sockets are made in it)")
        return absolute

    @field_validator("plan")
    @classmethod
    def _absolute_file(cls, plan: str) -> str:
        return str(Path(plan).expanduser().absolute()) if plan else ""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("a time zone's name such as Asia/Shanghai or Europe/Berlin")
        return name

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url:
            return url
        try:
            parsed = make_url(url)
            backend = parsed.get_backend_name()
        except ArgumentError:
            backend = ""
        in_memory = backend == "sqlite" and parsed.database in {None, "", ":memory:"}  # no other process would see it
        if in_memory or backend not in {"sqlite", "postgresql", "postgres"}:
            raise ValueError("sqlite:///<file> or postgresql://<user>:<password>@<host>/<database>")
        return url

    @field_validator("bus")
    @classmethod
    def _known_bus(cls, address: str) -> str:
        if address and not address.startswith(("ipc://", "tcp://")):
            raise ValueError("ipc://<path> or tcp://<host>:<port>")
        return address

    @field_validator("number_prefixes")
    @classmethod
    def _digits(cls, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return NumberRanges(prefixes=prefixes).prefixes
        except ValidationError as error:
            raise ValueError("a list of prefixes of 3 to 7 digits that begin with 1, such as 163") from error

    @field_validator("webhook_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        if not all(is_host(host) for host in hosts):
            raise ValueError("a list of hosts, addresses or networks, such as desk.school.edu, 192.168.1.5, 10.0.0.0/8")
        return hosts

    @field_validator("menu_keys")
    @classmethod
    def _keys(cls, keys: dict[Key, Queue]) -> dict[Key, Queue]:
        if not all(len(key) == 1 and key in "0123456789*" for key in keys):
            raise ValueError("a table from one telephone key (0-9 or *; # ends what is keyed) to a queue's name")
        return keys

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.rtp_to - self.rtp_from < 3:
            raise ValueError(f"rtp_to={self.rtp_to}: expected a port above rtp_from={self.rtp_from}, four at least")
        if bool(self.tls_cert) is not bool(self.tls_key):
            raise ValueError(f"tls_cert={self.tls_cert!r}: expected together with tls_key, or neither of them")
        if self.disk_full_mb > self.disk_low_mb:
            raise ValueError(f"disk_full_mb={self.disk_full_mb}: expected at most disk_low_mb={self.disk_low_mb}")
        for key, queue in self.menu_keys.items():
            if queue not in self.queues:
                raise ValueError(f"menu_keys: key {key} leads to {queue!r}: expected one of queues={list(self.queues)}")
        ports: dict[int, str] = {}
        for name in ("sip_port", "lab_port", "http_port", "ami_port", "web_port", "https_port"):
            port: int = getattr(self, name)
            if port in ports:
                raise ValueError(f"{name}={port}: expected a port of its own, {ports[port]} has the same")
            ports[port] = name
        return self

    @property
    def zone(self) -> ZoneInfo:
        """Where the site is: times are stored in UTC and shown in this zone."""
        return ZoneInfo(self.time_zone)

    @property
    def database(self) -> str:
        """The database's address as SQLAlchemy takes it, with the driver named."""
        if not self.database_url:
            return f"sqlite:///{self.var / 'db' / 'ringside.sqlite'}"
        url = make_url(self.database_url)
        if url.get_backend_name() in {"postgresql", "postgres"}:
            url = url.set(drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)

    @property
    def plan_file(self) -> Path:
        """The floor plan's file. Asks for the setting `plan` first."""
        return Path(self.plan)

    @property
    def bus_address(self) -> str:
        return self.bus or f"ipc://{self.run / 'bus'}"

    @property
    def run(self) -> Path:
        """Sockets and process ids."""
        return self.var / "run"

    @property
    def recordings(self) -> Path:
        return self.var / "recordings"

    @property
    def prompts(self) -> Path:
        return self.var / "prompts"

    @property
    def speech_cache(self) -> Path:
        """Spoken lines, by engine, voice and text."""
        return self.var / "speech"

    @property
    def logs(self) -> Path:
        return self.var / "logs"

    @property
    def reports(self) -> Path:
        return self.var / "reports"

    @property
    def pbx(self) -> Path:
        """The private Asterisk's folder."""
        return self.var / "pbx"

    @property
    def https_served(self) -> bool:
        """Whether the pages are served over https: where other machines come, or where it was asked for."""
        return self.https == "always" or bool(self.tls_cert) or not _loopback(self.web_address)

    @property
    def tls(self) -> Path:
        """The lab's own certificates."""
        return self.secrets / "tls"

    @property
    def secrets(self) -> Path:
        """Generated passwords, readable by us alone."""
        return self.var / "secrets"

    @property
    def seat_numbers(self) -> tuple[str, ...]:
        """Every seat's extension, in order."""
        return tuple(str(self.seats_from + index) for index in range(self.seats))

    def environment(self) -> dict[str, str]:
        """These settings as environment variables: what a parent gives its children, so that all have the same."""
        values = self.model_dump(mode="json")
        return {
            PREFIX + name.upper(): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in values.items()
        }


def _loopback(address: str) -> bool:
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def load(**given: Any) -> Settings:
    """Build the settings from arguments, environment, file and defaults. Raises `ConfigError`.

    An argument that is None counts as not given: a command-line option that was left out.
    """
    arguments = {name: value for name, value in given.items() if value is not None}
    _refuse_stray_variables()
    try:
        return Settings(**arguments)
    except ValidationError as error:
        raise ConfigError(_explain(error, arguments)) from error
    except SettingsError as error:
        raise ConfigError(_explain_unparsed(error)) from error


def _refuse_stray_variables() -> None:
    """A misspelt setting must not look as if it were followed. (`RINGSIDE_TEST_…` belongs to the tests.)"""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {PREFIX + "CONFIG"}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known and not name.startswith(PREFIX + "TEST_"):
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ": unset it."
            raise ConfigError(f"the environment variable {name} is no setting of Ringside{hint}")


def config_file() -> Path:
    """Where the configuration file is, or would be."""
    return Path(os.environ.get(PREFIX + "CONFIG") or CONFIG_FILE).absolute()


def read_file(file: Path) -> dict[str, Any]:
    """The file's settings; nothing if there is no file. Raises `ConfigError` if it is no TOML or was named in vain."""
    if not file.exists():
        if os.environ.get(PREFIX + "CONFIG"):
            raise ConfigError(f"{PREFIX}CONFIG names {file}, which does not exist: correct the variable or unset it.")
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: not a readable TOML file: {error}.") from error


def _explain(error: ValidationError, arguments: Mapping[str, Any]) -> str:
    sentences = []
    for detail in error.errors(include_url=False):
        name = ".".join(str(part) for part in detail["loc"])
        expected = detail["msg"].removeprefix("Value error, ")
        if not name:  # two settings that do not agree: the sentence begins with the one that could be changed
            first = re.match(r"\w+", expected)
            sentences.append(f"{expected} ({first[0]} is from {_origin(first[0], arguments)})." if first else expected)
            continue
        origin = _origin(str(detail["loc"][0]), arguments)
        if detail["type"] == "extra_forbidden":
            near = get_close_matches(name, Settings.model_fields, n=1)
            hint = f"; did you mean {near[0]}?" if near else "."
            sentences.append(f"{name} (from {origin}) is no setting of Ringside{hint}")
        else:
            sentences.append(f"{name}={_shown(name, detail['input'])} (from {origin}): expected {_lower(expected)}.")
    return "\n".join(sentences)


def _explain_unparsed(error: SettingsError) -> str:
    """The environment's lists and tables are JSON; pydantic-settings says only the field's name."""
    for name in Settings.model_fields:
        if f'"{name}"' in str(error):
            variable = PREFIX + name.upper()
            expected = "JSON such as " + json.dumps(Settings.model_fields[name].default or {"en/m1": "voice.onnx"})
            return f"{name}={os.environ.get(variable)!r} (from environment variable {variable}): expected {expected}."
    return str(error)


def _origin(name: str, arguments: Mapping[str, Any]) -> str:
    if name in arguments:
        return "the command line"
    if (variable := PREFIX + name.upper()) in os.environ:
        return f"environment variable {variable}"
    if name == "database_url" and "DATABASE_URL" in os.environ:
        return "environment variable DATABASE_URL"
    file = config_file()
    return str(file) if name in read_file(file) else "the defaults"


def _shown(name: str, value: Any) -> str:
    """The value as it was given, but never a database's password."""
    if name == "database_url":
        try:
            return make_url(str(value)).render_as_string(hide_password=True)
        except ArgumentError:
            return re.sub(r":[^:@/]*@", ":***@", repr(value))
    return repr(value)


def _lower(text: str) -> str:
    """Pydantic's own sentences ("Input should be …") as the end of ours."""
    return text.removeprefix("Input should be ")
