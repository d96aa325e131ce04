"""apt-get with a state of its own: packages of any suite of the host's mirror, signatures checked, no root needed."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from telephony.debian.errors import (
    DebianError,
    DiskFullError,
    FetchError,
    NoAptError,
    NoPackageError,
    UntrustedError,
)
from telephony.debian.sources import Source, mirror_of, read_sources
from telephony.debian.store import PackageStore, matches

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ROOM_BYTES = 200 * 1024 * 1024

_REASONS: tuple[tuple[str, type[DebianError], str], ...] = (
    (
        "No space left on device",
        DiskFullError,
        "there is no room left for packages in {folder}; free some and run again",
    ),
    (
        "Hash Sum mismatch|Size mismatch|Sub-process .*gpgv.* error|NO_PUBKEY|is not signed|BADSIG|EXPKEYSIG"
        "|not be authenticated",
        UntrustedError,
        "the mirror's packages do not match their signature or checksum ({line}); nothing was installed, try later",
    ),
    (
        "Unable to locate package|has no installation candidate|Couldn't find any package",
        NoPackageError,
        "the Debian archive has no {packages} for this machine ({architecture}); use an offline bundle made on a "
        "machine like this one, or set RINGSIDE_ASTERISK",
    ),
    (
        "unmet dependencies|held broken packages|pkgProblemResolver",
        FetchError,
        "the suite's packages do not fit together at the moment ({line}); try again in a few hours, or use a bundle",
    ),
    (
        "Temporary failure resolving|Could not resolve|Could not connect|Connection (refused|timed out|failed|reset)"
        "|Network is unreachable|Failed to fetch|Unable to connect|Some index files failed|Err:",
        FetchError,
        "packages can't be fetched ({line}); check the network, or use an offline bundle: make demo BUNDLE=file",
    ),
)


@dataclass(frozen=True)
class Apt:
    """`folder` keeps apt's own lists between runs; `etc` is where the host's sources are read."""

    folder: Path
    etc: Path = Path("/etc/apt")
    keyring: Path = KEYRING
    program: str = "apt-get"
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to ours: a proxy, in tests a path."""

    def fetch(self, packages: Sequence[str], suite: str, store: PackageStore) -> None:
        """Bring `packages` and all they need from `suite` ("" for the host's own suites) into `store`.

        What is already there and sound is kept. Raises NoAptError, FetchError, NoPackageError, UntrustedError,
        DiskFullError; the store's manifest is written only when everything is there and right.
        """
        self._check_tools()
        self._check_room(store.folder)
        (store.folder / "partial").mkdir(parents=True, exist_ok=True)
        options = self._options(suite, store)
        self._run([*options, "update"], packages)
        wanted = self._wanted(options, packages)
        store.discard_damaged(wanted)
        self._run([*options, "-y", "--download-only", "install", *packages], packages)
        if missing := [name for name, digest in wanted.items() if not matches(store.folder / name, digest)]:
            raise UntrustedError(f"{missing[0]} came damaged from the mirror; nothing was installed, run again")
        store.discard_others(wanted)
        store.write_manifest(wanted)

    def candidate(self, package: str) -> str:
        """The version the host itself would install, from its own lists; "" when it has none or no lists."""
        cache = self.program.replace("apt-get", "apt-cache")
        try:
            done = self._call([cache, "policy", package], 60)
        except (OSError, subprocess.TimeoutExpired):
            return ""
        found = re.search(r"Candidate: (\S+)", done.stdout)
        return found[1] if found and found[1] != "(none)" else ""

    def _check_tools(self) -> None:
        for tool in (self.program, "dpkg-deb"):
            if shutil.which(tool) is None:
                raise NoAptError(
                    f"this machine has no {tool}, so no packages can be fetched; "
                    "set RINGSIDE_ASTERISK to an Asterisk of 22.3 or newer"
                )

    def _check_room(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if (free := shutil.disk_usage(folder).free) < ROOM_BYTES:
            raise DiskFullError(
                f"only {free >> 20} MB are free in {folder}, {ROOM_BYTES >> 20} are needed; free some and run again"
            )

    def _options(self, suite: str, store: PackageStore) -> list[str]:
        name = suite or "host"
        state = self.folder / name
        (state / "lists/partial").mkdir(parents=True, exist_ok=True)
        (state / "status").write_text("", encoding="ascii")
        (state / "none").mkdir(exist_ok=True)
        settings = self._source_options(suite, state) | {
            "Dir::State": state,
            "Dir::State::status": state / "status",
            "Dir::Cache": state,
            "Dir::Cache::archives": store.folder,
            "Dir::Log": state,
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",
            "APT::Get::AllowUnauthenticated": "false",
            "APT::Update::Post-Invoke-Success": "",
            "Acquire::AllowInsecureRepositories": "false",
            "Acquire::ForceHash": "SHA256",
            "Acquire::Languages": "none",
            "Acquire::Retries": "2",
            "Acquire::http::Timeout": "30",
            "Acquire::https::Timeout": "30",
            "Debug::NoLocking": "true",  # the caller holds a lock of its own
        }
        return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]

    def _source_options(self, suite: str, state: Path) -> dict[str, object]:
        """Only Debian's own sources; a host that is no Debian gives its own suites just as it has them."""
        host = read_sources(self.etc)
        try:
            mirror = mirror_of(host)
        except NoAptError:
            if suite:
                raise
            return {}
        sources = state / "ringside.sources"
        sources.write_text(self._sources(suite, host, mirror), encoding="utf-8")
        return {
            "Dir::Etc::sourcelist": sources,
            "Dir::Etc::sourceparts": state / "none",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": state / "none",
            "APT::Update::Error-Mode": "any",
        }

    def _sources(self, suite: str, host: Sequence[Source], mirror: Source) -> str:
        if suite:
            wanted = [Source(mirror.uri, (suite,), ("main",))]
        else:  # the mirror's suites and what else Debian itself signs, such as its security updates
            others = [s for s in host if s.uri.rstrip("/") == mirror.uri and s.suites != mirror.suites]
            wanted = [mirror, *others, *(s for s in host if "debian-security" in s.uri)]
        if not self.keyring.is_file():
            raise NoAptError(f"there is no {self.keyring} to check packages with; install debian-archive-keyring")
        return "\n".join(
            f"Types: deb\nURIs: {source.uri}\nSuites: {' '.join(source.suites)}\n"
            f"Components: {' '.join(source.components)}\nSigned-By: {self.keyring}\n"
            for source in wanted
        )

    def _wanted(self, options: list[str], packages: Sequence[str]) -> dict[str, str]:
        """File name → SHA-256 of everything the installation needs, from the signed lists."""
        empty = self.folder / "empty"
        shutil.rmtree(empty, ignore_errors=True)
        (empty / "partial").mkdir(parents=True)
        output = self._run(
            [
                *options,
                "-o",
                f"Dir::Cache::archives={empty}",
                "--print-uris",
                "-y",
                "--download-only",
                "install",
                *packages,
            ],
            packages,
        )
        wanted = dict(re.findall(r"^'[^']+' (\S+\.deb) \d+ SHA256:([0-9a-f]{64})$", output, re.MULTILINE))
        if not wanted:
            raise FetchError(f"apt-get names no files for {' '.join(packages)}: {output.strip()[-200:]}")
        return wanted

    def _run(self, arguments: list[str], packages: Sequence[str]) -> str:
        try:
            done = self._call([self.program, *arguments], 1800)
        except subprocess.TimeoutExpired as error:
            raise FetchError("apt-get did not end within half an hour; check the network and run again") from error
        if done.returncode:
            raise self._reason(done.stdout, packages)
        return done.stdout

    def _call(self, command: list[str], patience_s: float) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **self.environment, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=patience_s,
            check=False,
        )

    def _reason(self, output: str, packages: Sequence[str]) -> DebianError:
        for pattern, kind, sentence in _REASONS:
            if found := re.search(pattern, output):
                line = next(line for line in output.splitlines() if found[0] in line).strip()[:160]
                return kind(
                    sentence.format(
                        folder=self.folder, line=line, packages=" ".join(packages), architecture=os.uname().machine
                    )
                )
        return FetchError(f"apt-get failed: {output.strip()[-300:]}")
