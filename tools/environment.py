"""The private Python environment `.venv`: made without root, without pip and without ensurepip on the machine."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from telephony.debian.apt import Apt
from telephony.debian.errors import DebianError
from telephony.debian.store import PackageStore
from telephony.debian.unpack import unpack

VERSIONS = ((3, 12), (3, 11))
MADE = "ringside-made"
"""A file in the environments that we made, whether or not the installation into them came to its end."""


class SetupError(Exception):
    """One sentence for the person at the terminal: what is wrong and what to do."""


def find_python() -> Path:
    """A Python that Ringside runs on: the one running this if it does, else one on PATH. Raises SetupError."""
    names = [sys.executable, *(f"python{major}.{minor}" for major, minor in VERSIONS)]
    for name in names:
        found = shutil.which(name)
        if found and _version(Path(found)) in VERSIONS:
            return Path(found)
    here = ".".join(map(str, sys.version_info[:2]))
    raise SetupError(f"Ringside needs Python 3.11 or 3.12, this machine has {here}; install python3.12 or python3.11")


def _version(python: Path) -> tuple[int, ...]:
    """(major, minor), () if it does not run: a version manager's shim may name one that is not installed."""
    command = [str(python), "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        return tuple(int(word) for word in done.stdout.split())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ()


class Environment:
    """`.venv` under `root`; `var` is the folder for what is fetched."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.var = root / "var"

    @property
    def python(self) -> Path:
        return self.folder / "bin/python"

    def ensure(self, *, dev: bool, wheels: Path | None = None) -> None:
        """Install Ringside and what it needs, unless that has been done; `wheels`: use only those, no network.

        An interrupted run is taken up again by the next: the stamp is written last. Raises SetupError.
        """
        wanted = self._stamp()
        if self._stamped("dev", wanted) or (not dev and self._stamped("runtime", wanted)):
            return
        self._make()
        self._ensure_pip(wheels)
        target = f"{self.root}[dev]" if dev else str(self.root)
        self._pip("install", "-c", str(self.root / "constraints.txt"), "-e", target, wheels=wheels)
        (self.folder / f"ringside-{'dev' if dev else 'runtime'}.stamp").write_text(wanted, encoding="ascii")

    def made_by_hand(self, *programs: str) -> bool:
        """Whether somebody else made `.venv` and it has `programs`: then it is theirs, and good as it is."""
        ours = (self.folder / MADE).exists() or any(self.folder.glob("ringside-*.stamp"))
        has_all = all((self.folder / "bin" / program).exists() for program in ("python", *programs))
        return has_all and not ours

    def pip(self, *arguments: str, wheels: Path | None = None) -> None:
        """Run pip in the environment. Raises SetupError."""
        self._pip(*arguments, wheels=wheels)

    def _stamp(self) -> str:
        total = hashlib.sha256()
        for name in ("pyproject.toml", "constraints.txt"):
            total.update((self.root / name).read_bytes())
        return total.hexdigest()

    def _stamped(self, name: str, wanted: str) -> bool:
        try:
            stamp = (self.folder / f"ringside-{name}.stamp").read_text(encoding="ascii")
        except OSError:
            return False
        return stamp == wanted and _version(self.python) in VERSIONS

    def _make(self) -> None:
        if _version(self.python) in VERSIONS:
            return
        print("setup: making .venv", flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        command = [str(find_python()), "-m", "venv", "--without-pip", str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SetupError(f"no Python environment can be made in {self.folder}: {done.stderr.strip()[-300:]}")
        (self.folder / MADE).touch()

    def _ensure_pip(self, wheels: Path | None) -> None:
        if self._runs("-m", "pip", "--version"):
            return
        if wheels is not None:
            self._pip_from(wheels)
        elif not (self._runs("-c", "import ensurepip") and self._runs("-m", "ensurepip", "--default-pip")):
            self._pip_from(self._debian_pip())

    def _runs(self, *arguments: str) -> bool:
        done = subprocess.run(
            [str(self.python), *arguments], capture_output=True, stdin=subprocess.DEVNULL, check=False
        )
        return done.returncode == 0

    def _pip_from(self, folder: Path) -> None:
        """Let the pip in a wheel install itself."""
        found = sorted(folder.glob("pip-*.whl"))
        if not found:
            raise SetupError(f"there is no pip in {folder}; fetch the bundle again or install python3-venv")
        command = [
            str(self.python),
            f"{found[-1]}/pip",
            "install",
            "-q",
            "--no-index",
            "--find-links",
            str(folder),
            "pip",
        ]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise SetupError(f"pip can't be installed from {found[-1]}: {done.stderr.strip()[-300:]}")

    def _debian_pip(self) -> Path:
        """The folder of Debian's own pip wheel, fetched aside: for machines with no pip and no ensurepip."""
        folder = self.var / "bootstrap/pip"
        wheels = folder / "usr/share/python-wheels"
        if sorted(wheels.glob("pip-*.whl")):
            return wheels
        print("setup: fetching pip from Debian", flush=True)
        store = PackageStore(self.var / "bootstrap/packages")
        try:
            Apt(self.var / "bootstrap/apt").fetch(["python3-pip-whl"], "", store)
            shutil.rmtree(folder, ignore_errors=True)
            unpack([p for p in store.packages() if p.name.startswith("python3-pip-whl_")], folder)
        except DebianError as error:
            raise SetupError(f"this Python has no pip, and {error}") from error
        return wheels

    def _pip(self, *arguments: str, wheels: Path | None = None) -> None:
        offline = ["--no-index", "--find-links", str(wheels)] if wheels else []
        environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        if wheels:
            environment = {
                key: value for key, value in environment.items() if key not in {"PIP_FIND_LINKS", "PIP_INDEX_URL"}
            }
        command = [str(self.python), "-m", "pip", arguments[0], "-q", *offline, *arguments[1:]]
        print(f"setup: pip {arguments[0]}", flush=True)
        if subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
            raise SetupError(
                "pip failed (its reason is above); check the network and the disk and run again"
                + ("" if wheels else ", or use an offline bundle: make demo BUNDLE=file")
            )
