"""Who does what: which worker has which calls and accounts, and who has a free place. No I/O."""

from collections.abc import Container
from dataclasses import dataclass, field

from telephony.fleet.messages import Host, WorkerState
from telephony.useragent.messages import RegisterAccount, Role, WorkerReady

PLACES = 4


@dataclass
class Post:
    """A worker's place in the fleet; it outlives the process that fills it. `calls`: call id → contact.

    `failing`: its processes die as soon as they are started, so that it is given nothing to do.
    """

    name: str
    role: Role
    pid: int | None = None
    ready: WorkerReady | None = None
    retiring: bool = False
    failing: bool = False
    calls: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    seats: dict[str, RegisterAccount] = field(default_factory=dict)
    registered: dict[str, bool] = field(default_factory=dict)

    @property
    def load(self) -> int:
        """Places taken: calls, or accounts (a robot's calls come to its account)."""
        return len(self.calls) if self.role == "callers" else len(self.seats)

    @property
    def idle(self) -> bool:
        return not self.calls and not self.seats

    def state(self) -> WorkerState:
        return WorkerState(
            name=self.name,
            role=self.role,
            pid=self.pid,
            sip_address=self.ready.sip_address if self.ready else "",
            sip_port=self.ready.sip_port if self.ready else 0,
            calls=tuple(self.calls),
            seats={seat: self.registered.get(seat, False) for seat in self.seats},
        )


class Roster:
    """All posts by name."""

    def __init__(self) -> None:
        self._posts: dict[str, Post] = {}

    def __getitem__(self, name: str) -> Post:
        return self._posts[name]

    def get(self, name: str) -> Post | None:
        return self._posts.get(name)

    def all(self, role: Role | None = None) -> list[Post]:
        return [post for post in self._posts.values() if role is None or post.role == role]

    def add(self, role: Role, taken: Container[str] = ()) -> Post:
        """A new post with the lowest number that is free; `taken`: names that others bear."""
        number = 1
        while f"{role}-{number}" in self._posts or f"{role}-{number}" in taken:
            number += 1
        post = Post(f"{role}-{number}", role)
        self._posts[post.name] = post
        return post

    def remove(self, name: str) -> None:
        self._posts.pop(name, None)

    def change(self, role: Role, capacity: int) -> tuple[int, list[Post]]:
        """How many posts to add for this capacity, and which to retire (marked so here). Idle ones go first."""
        wanted = -(-capacity // PLACES)
        posts = self.all(role)
        serving = [post for post in posts if not post.retiring]
        for post in [post for post in posts if post.retiring and not post.idle]:
            if len(serving) < wanted:
                post.retiring = False  # still at work: let it stay
                serving.append(post)
        surplus = sorted(serving, key=lambda post: (not post.idle, -posts.index(post)))[: max(0, len(serving) - wanted)]
        for post in surplus:
            post.retiring = True
        return max(0, wanted - len(serving)), surplus

    def free(self, role: Role) -> Post | None:
        """The worker with the most free places, or None."""
        posts = [post for post in self.all(role) if not post.retiring and not post.failing and post.load < PLACES]
        return min(posts, key=lambda post: post.load, default=None)

    def with_call(self, call_id: str) -> Post | None:
        return next((post for post in self._posts.values() if call_id in post.calls), None)

    def with_seat(self, seat: str) -> Post | None:
        return next((post for post in self._posts.values() if seat in post.seats), None)

    def host(self, number: str) -> Host:
        """Where a customer is phoned. With several calls expected at one number: the first worker that expects one."""
        for post in self._posts.values():
            if number in post.numbers.values() and post.ready is not None:
                return Host(number=number, address=post.ready.sip_address, port=post.ready.sip_port)
        return Host(number=number)
