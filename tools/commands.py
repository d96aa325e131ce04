"""The targets of the Makefile."""

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from telephony.debian.apt import Apt
from telephony.debian.errors import DebianError
from telephony.debian.store import PackageStore
from tools.bundle import Bundle, BundleError, open_bundle, write_bundle
from tools.environment import Environment, SetupError
from tools.phone import PhoneBuild

REBUILT = ("bootstrap", "bundle", "node", "pbx", "run", "speech")
"""Folders of `var` that are made again by themselves; the others hold what people made."""
CACHES = ("build", "dist", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache")


def main(root: Path, arguments: list[str]) -> int:
    """Run one target; the exit status."""
    options = _parse(arguments)
    commands = Commands(root, options.bundle)
    try:
        target: Callable[[list[str]], int] = getattr(commands, options.target)
        return target(options.rest)
    except (SetupError, BundleError, DebianError) as error:
        print(f"{options.target}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bootstrap.py")
    parser.add_argument("--bundle", type=Path)
    parser.add_argument(
        "target",
        choices=["setup", "demo", "serve", "test", "lint", "bench", "bundle", "screenshots", "clean", "distclean"],
    )
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    return parser.parse_args(arguments)


class Commands:
    """Each public method is a target; `rest` are the words after it."""

    def __init__(self, root: Path, bundle: Path | None) -> None:
        self.root = root
        self.var = root / "var"
        self.environment = Environment(root)
        self.phone = PhoneBuild(root, self.environment)
        self._bundle_file = bundle.absolute() if bundle else None

    def setup(self, rest: list[str]) -> int:
        self._prepare(dev="dev" in rest)
        return 0

    def demo(self, rest: list[str]) -> int:
        self._prepare(dev=False)
        return self._become("ringside", "demo", *rest)

    def serve(self, rest: list[str]) -> int:
        self._prepare(dev=False)
        return self._become("ringside", "serve", *rest)

    def test(self, rest: list[str]) -> int:
        """Two files at a time: the tests with real calls mostly wait. With words after it, just what they say."""
        self._prepare(dev=True)
        return self._become("pytest", *(rest or ("-n", "2", "--dist", "loadfile")))

    def bench(self, rest: list[str]) -> int:
        self._prepare(dev=True)
        return self._become("python", "-m", "bench", *rest)

    def screenshots(self, rest: list[str]) -> int:
        self._prepare(dev=True)
        return self._become("python", "-m", "tools.screenshots", *rest)

    def lint(self, rest: list[str]) -> int:
        """All checks, also after one has failed; the last line says which."""
        with self._alone():
            if not self.environment.made_by_hand("ruff", "mypy", "lint-imports"):
                self.environment.ensure(dev=True)
        checks = (
            ("ruff", "check", "."),
            ("ruff", "format", "--check", "."),
            ("mypy",),
            ("lint-imports",),
            ("python", "-m", "lab_server.i18n", "check"),
        )
        failed = [" ".join(check) for check in checks if self._run(*check)]
        print("lint: " + (f"failed: {', '.join(failed)}" if failed else "all checks passed"))
        return 1 if failed else 0

    def bundle(self, rest: list[str]) -> int:
        self._prepare(dev=False)
        version = "{}.{}".format(*sys.version_info[:2])
        file = Path(rest[0]) if rest else self.root / f"ringside-bundle-{os.uname().machine}-python{version}.tar"
        folder = self.var / "bundle.new"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            npm = self._gather(folder)
            write_bundle(folder, file, npm)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"bundle: {file} ({file.stat().st_size >> 20} MB); use it with: make demo BUNDLE={file}")
        return 0

    def clean(self, rest: list[str]) -> int:
        self._refuse_while_running()
        for name in REBUILT:
            shutil.rmtree(self.var / name, ignore_errors=True)
        for name in CACHES:
            shutil.rmtree(self.root / name, ignore_errors=True)
        print("clean: recordings, reports, the database and passwords are still in var/")
        return 0

    def distclean(self, rest: list[str]) -> int:
        self.clean(rest)
        shutil.rmtree(self.var, ignore_errors=True)
        shutil.rmtree(self.root / ".venv", ignore_errors=True)
        shutil.rmtree(self.phone.built, ignore_errors=True)
        print("distclean: this is a fresh clone again")
        return 0

    def _prepare(self, *, dev: bool) -> None:
        """Everything but the target's own program: environment and PBX. A second time it takes a moment."""
        with self._alone():
            bundle = open_bundle(self._bundle_file, self.var) if self._bundle_file else None
            self.environment.ensure(dev=dev, wheels=bundle.wheels if bundle else None)
            if bundle:
                self._take_voices(bundle)
            options = ["--bundle", str(bundle.asterisk)] if bundle else []
            if self._run("ringside", "pbx", "install", *options):
                raise SetupError("the PBX could not be installed (its reason is above)")
            if missing := self.phone.ensure(bundle.npm if bundle else None):
                print(f"setup: there is no phone in the page and no htmx, because {missing}", flush=True)
                print("setup: everything else works; run make setup again where npm can be reached", flush=True)

    def _run(self, program: str, *arguments: str) -> int:
        """A program of the environment, at the project's root, with its own output; its exit status."""
        command = [str(self.environment.folder / "bin" / program), *arguments]
        return subprocess.run(command, cwd=self.root, env=self._variables(), check=False).returncode

    def _become(self, program: str, *arguments: str) -> int:
        """Turn into a program of the environment, so that every signal reaches it."""
        os.chdir(self.root)
        path = self.environment.folder / "bin" / program
        sys.stdout.flush()
        os.execve(path, [str(path), *arguments], self._variables())  # noqa: S606 - no shell is what we want

    def _variables(self) -> dict[str, str]:
        path = f"{self.environment.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {**os.environ, "PATH": path}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two runs of make at once must not set up the same folders."""
        self.var.mkdir(exist_ok=True)
        with (self.var / "setup.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _gather(self, folder: Path) -> list[str]:
        """Fill the folder of a new bundle; what is in it from npm."""
        for name in ("wheels", "npm", "voices", "debian/asterisk"):
            (folder / name).mkdir(parents=True)
        store = PackageStore(self.var / "pbx/cache/packages")
        if not store.manifest() or store.damaged():
            Apt(self.var / "pbx/cache/apt").fetch(["asterisk"], "sid", store)
        for path in [*store.packages(), store.folder / "manifest.json"]:
            shutil.copy(path, folder / "debian/asterisk" / path.name)
        with (self.root / "pyproject.toml").open("rb") as file:
            project = tomllib.load(file)
        needs = [*project["project"]["dependencies"], *project["build-system"]["requires"], "pip"]
        self.environment.pip("wheel", "-c", str(self.root / "constraints.txt"), "-w", str(folder / "wheels"), *needs)
        if (self.var / "voices").is_dir():
            shutil.copytree(self.var / "voices", folder / "voices", dirs_exist_ok=True)
        return self.phone.gather(folder / "npm")

    def _take_voices(self, bundle: Bundle) -> None:
        if bundle.voices.is_dir():
            shutil.copytree(bundle.voices, self.var / "voices", dirs_exist_ok=True)

    def _refuse_while_running(self) -> None:
        try:
            pid = int((self.var / "pbx/run/asterisk.pid").read_text(encoding="ascii"))
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        if str(self.var / "pbx/etc").encode() in command:
            raise SetupError("the PBX is running; stop it first (Ctrl-C in its terminal, or: ringside pbx stop)")
