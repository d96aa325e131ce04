"""A worker's entry point: sound and SIP from `telephony`, dialogue from `scenarios`, put together here.

`python -m lab_server.classroom.worker --bus ipc:///…/bus --name callers-1 --role callers --bind 127.0.0.2 --log FILE`
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from lab_server.process import set_up_log
from scenarios.dialogue import CallerDialogue
from scenarios.students import RobotDialogue
from telephony.bus import BusError, SyncBus
from telephony.clock import SystemClock
from telephony.useragent.conversation import Conversation
from telephony.useragent.endpoint import SipEndpoint, SipSettings
from telephony.useragent.errors import PlanError, UserAgentError
from telephony.useragent.messages import Plan
from telephony.useragent.script import ScriptedConversation
from telephony.useragent.worker import Worker


def conversation(plan: Plan) -> Conversation:
    """Who reads a plan: its `part` says so. `PlanError` (of either folder) when it cannot be read."""
    match plan.get("part"):
        case "caller":
            return CallerDialogue.from_plan(plan)
        case "robot":
            return RobotDialogue.from_plan(plan)
        case "script":
            return ScriptedConversation.from_plan(plan)
        case other:
            raise PlanError(f"part: {other!r}; expected caller, robot or script")


def main(arguments: Sequence[str] | None = None) -> int:
    """Work until SIGTERM or SIGINT; 0 then, 1 when the worker could not begin."""
    options = _parser().parse_args(arguments)
    set_up_log()
    clock = SystemClock()
    try:
        bus = SyncBus(options.bus, options.name, clock)
        settings = SipSettings(
            bind=options.bind, log_file=options.log, port=options.sip_port, rtp_port=options.rtp_port
        )
        worker = Worker(
            name=options.name,
            role=options.role,
            bus=bus,
            endpoint=SipEndpoint(settings, clock),
            clock=clock,
            conversations=conversation,
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.run()
    except (BusError, UserAgentError) as error:
        sys.stderr.write(f"{options.name}: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab_server.classroom.worker", description="Up to four callers.")
    parser.add_argument("--bus", required=True, help="the hub's address, ipc:///path or tcp://host:port")
    parser.add_argument("--name", required=True, help="this process's name on the bus, as callers-1")
    parser.add_argument("--role", required=True, choices=("callers", "robots"))
    parser.add_argument("--bind", required=True, help="the address for SIP and sound")
    parser.add_argument("--log", required=True, type=Path, help="where the SIP library writes what it does")
    parser.add_argument("--sip-port", type=int, default=0, help="0 (default): chosen by the system")
    parser.add_argument(
        "--rtp-port", type=int, default=0, help="the first of 40 ports for sound; 0: chosen by the system"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
