"""What can go wrong with the private PBX. Every message says what to do next."""

from typing import ClassVar


class PbxError(Exception):
    """Base of this folder's errors; `error_id` is stable, the message is for the operator."""

    error_id: ClassVar[str] = "pbx"


class PbxNotInstalledError(PbxError):
    """There is no usable Asterisk where the settings say it is."""

    error_id: ClassVar[str] = "pbx-not-installed"


class PortTakenError(PbxError):
    """Another program listens on a port that the PBX needs."""

    error_id: ClassVar[str] = "pbx-port-taken"


class PbxStartFailedError(PbxError):
    """Asterisk ended, or did not become ready in time."""

    error_id: ClassVar[str] = "pbx-start-failed"


class PbxNotRunningError(PbxError):
    """The command needs a running PBX."""

    error_id: ClassVar[str] = "pbx-not-running"


class PbxBusyError(PbxError):
    """Another installation or start is under way in the same folder."""

    error_id: ClassVar[str] = "pbx-busy"


class InstallFailedError(PbxError):
    """No source could give a working Asterisk; nothing was changed."""

    error_id: ClassVar[str] = "pbx-install-failed"


class SecretsUnreadableError(PbxError):
    """The file of generated passwords is damaged."""

    error_id: ClassVar[str] = "pbx-secrets-unreadable"
