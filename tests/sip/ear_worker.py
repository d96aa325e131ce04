"""A worker like any other, with a recorder at every phone's ear.

What is whispered to a party can be heard nowhere else: the switch's own recordings are taken before it is mixed in.
"""

import os
import sys
import time

import pjsua2 as pj

from lab_server.classroom import worker
from telephony.useragent.call import SipCall

FOLDER = "RINGSIDE_TEST_EARS"
"""Variable of the environment: where the files go, `<user>@<steady clock at their beginning>.wav`."""


def _keep_what_is_heard() -> None:
    """Hang a recorder onto every call of this process."""
    connect, note = SipCall._connect, SipCall.onCallState

    def connected(call: SipCall) -> None:
        connect(call)
        if call._audio is not None and getattr(call, "ear", None) is None:
            user = call.getInfo().localUri.partition(":")[2].partition("@")[0]
            call.ear = pj.AudioMediaRecorder()
            call.ear.createRecorder(f"{os.environ[FOLDER]}/{user}@{time.monotonic():.3f}.wav")
        if call._audio is not None:
            call._audio.startTransmit(call.ear)

    def noted(call: SipCall, prm: pj.OnCallStateParam) -> None:
        note(call, prm)
        if call.ended is not None:
            call.ear = None  # only now the file is written to its end

    SipCall._connect, SipCall.onCallState = connected, noted


if __name__ == "__main__":
    _keep_what_is_heard()
    sys.exit(worker.main())
