"""Who is given what: places, growth, retirement. No process is started here."""

from hypothesis import given
from hypothesis import strategies as st

from telephony.fleet.roster import PLACES, Roster
from telephony.useragent.messages import RegisterAccount, WorkerReady


def hire(roster: Roster, capacity: int, role: str = "callers") -> None:
    new, surplus = roster.change(role, capacity)
    for _ in range(new):
        roster.add(role)
    for post in surplus:
        if post.idle:
            roster.remove(post.name)


def names(roster: Roster) -> list[str]:
    return [post.name for post in roster.all()]


def test_one_worker_for_every_four_calls() -> None:
    for capacity, workers in ((0, 0), (1, 1), (4, 1), (5, 2), (50, 13)):
        roster = Roster()
        hire(roster, capacity)
        assert len(roster.all()) == workers


def test_calls_are_spread_and_never_more_than_there_are_places() -> None:
    roster = Roster()
    hire(roster, 8)
    for number in range(8):
        post = roster.free("callers")
        assert post is not None
        post.calls[str(number)] = "contact"
    assert roster.free("callers") is None
    assert [post.load for post in roster.all()] == [PLACES, PLACES]
    roster["callers-2"].calls.pop("1")
    free = roster.free("callers")
    assert free is not None
    assert free.name == "callers-2"


def test_robots_places_are_their_accounts() -> None:
    roster = Roster()
    hire(roster, 1, "robots")
    post = roster["robots-1"]
    for seat in ("1001", "1002", "1003", "1004"):
        assert roster.free("robots") is post
        post.seats[seat] = RegisterAccount(seat=seat, user=seat, password="x", registrar="sip:127.0.0.1:5060")
    assert roster.free("robots") is None
    assert roster.with_seat("1003") is post


def test_fewer_calls_retire_idle_workers_first_and_busy_ones_last() -> None:
    roster = Roster()
    hire(roster, 12)
    roster["callers-1"].calls["a"] = "contact"
    hire(roster, 4)
    assert names(roster) == ["callers-1"]
    hire(roster, 0)
    assert roster["callers-1"].retiring, "it finishes its call first"
    assert roster.free("callers") is None
    hire(roster, 4)
    assert not roster["callers-1"].retiring
    assert names(roster) == ["callers-1"]


def test_a_worker_that_cannot_live_is_given_nothing() -> None:
    roster = Roster()
    hire(roster, 4)
    roster["callers-1"].failing = True
    assert roster.free("callers") is None


def test_a_phoned_customer_is_found_at_its_workers_address() -> None:
    roster = Roster()
    hire(roster, 4)
    post = roster["callers-1"]
    post.numbers["c"] = "16312345678"
    assert roster.host("16312345678").port == 0
    post.ready = WorkerReady(name=post.name, role="callers", sip_address="127.0.0.2", sip_port=5070, capacity=4, pid=1)
    assert (roster.host("16312345678").address, roster.host("16312345678").port) == ("127.0.0.2", 5070)
    assert roster.host("16300000000").port == 0


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=20))
def test_the_serving_workers_are_always_as_many_as_wanted(steps: list[tuple[int, int]]) -> None:
    roster, calls = Roster(), 0
    for capacity, wanted_calls in steps:
        hire(roster, capacity)
        serving = [post for post in roster.all() if not post.retiring]
        assert len(serving) == -(-capacity // PLACES)
        for _ in range(wanted_calls):
            post = roster.free("callers")
            if post is not None:
                calls += 1
                post.calls[str(calls)] = "contact"
        assert all(post.load <= PLACES for post in roster.all())
