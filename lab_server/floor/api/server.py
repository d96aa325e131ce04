"""The floor's door on the bus: commands come as messages, answers go back."""

from lab_server.floor.api.actor import Actor
from lab_server.floor.api.door import FloorApi
from lab_server.floor.api.messages import DoOnFloor, FloorAnswer
from telephony.bus import Endpoint


def answer_on(bus: Endpoint, api: FloorApi) -> None:
    """Answer `DoOnFloor` from now on. The sender has checked who the actor is; what he may do is checked here."""

    async def asked(message: DoOnFloor, _sender: str) -> FloorAnswer:
        actor = Actor(message.user_id, message.name, message.role, message.site_id, message.seat)
        return FloorAnswer(answer=await api.ask(actor, message.command, message.key))

    bus.on(DoOnFloor, asked, in_turn=False)
