"""Real workers make and take real calls through a real Asterisk."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from worker_lab import LISTEN, WorkerLab, burst, hangs_up, loud_stretches, says, script, until

from telephony.asterisk.process import Pbx
from telephony.bus import Hub
from telephony.fleet import Host, WhereIs
from telephony.useragent.messages import (
    Brief,
    CallAnswered,
    CallBroken,
    CallEnded,
    CallPlaced,
    DialOut,
    EndAll,
    EndCall,
    ExpectCall,
    LineSaid,
    Registered,
    Spoken,
    StageChanged,
    Unregister,
)

pytestmark = pytest.mark.sip
CONTACT = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest_asyncio.fixture
async def lab(pbx: Pbx, tmp_path: Path) -> AsyncIterator[WorkerLab]:
    async with WorkerLab(pbx, tmp_path) as lab:
        yield lab


async def test_a_caller_and_a_robot_student_talk_in_turns(lab: WorkerLab, tmp_path: Path) -> None:
    customer_wav, agent_wav = tmp_path / "customer.wav", tmp_path / "agent.wav"
    await lab.dialplan("robot-rings", "s", f"Set(PJSIP_HEADER(add,X-Ringside-Contact)={CONTACT})", "Return()")
    await lab.dialplan("robot-answers", "s", f"MixMonitor(,r({agent_wav}))", "Return()")
    await lab.dialplan(
        "from-lab", "7701", f"MixMonitor(,r({customer_wav}))", "Dial(PJSIP/1001,20,b(robot-rings^s^1)U(robot-answers))"
    )
    hello, name, phone, bye = (
        burst(tmp_path / f"{line}.wav", length_s)
        for line, length_s in {"hello": 1.0, "name": 1.6, "phone": 2.2, "bye": 0.7}.items()
    )
    await lab.ensure("callers", 1)
    await lab.ensure("robots", 1)
    await lab.register("1001")
    lab.brain.subscribe(f"contact/{CONTACT}")
    robot = script(
        says("hello", hello, intents=["greet", "ask_name"]),
        LISTEN,
        says("ask_phone", hello, intents=["ask_phone"]),
        LISTEN,
        says("bye", bye, intents=["close"]),
        hangs_up("served"),
        begin="talking",
    )
    caller = script(
        says("name", name, facts={"name": "王小明"}), LISTEN, says("phone", phone, facts={"phone": "163"}), begin="turn"
    )
    await lab.tell(Brief(seat="1001", contact=CONTACT, conversation=robot))
    await lab.tell(lab.call("caller", "7701", caller, contact=CONTACT))
    await lab.one(CallAnswered, "caller")
    await lab.one(CallAnswered, f"{CONTACT}/1001")
    await lab.brain.send(f"contact/{CONTACT}", StageChanged(contact=CONTACT, stage="talking"))

    agent_end = await lab.one(CallEnded, f"{CONTACT}/1001", 30)
    caller_end = await lab.one(CallEnded, "caller")
    assert (agent_end.cause, agent_end.reason, caller_end.cause) == ("we_hung_up", "served", "they_hung_up")
    assert [line.line for line in agent_end.lines] == ["hello", "ask_phone", "bye"]
    assert [(line.line, line.facts) for line in caller_end.lines] == [
        ("name", {"name": "王小明"}),
        ("phone", {"phone": "163"}),
    ]
    assert not [line for line in (*agent_end.lines, *caller_end.lines) if line.cut]
    assert list(caller_end.lines) == lab.all(LineSaid, "caller"), "the last report holds every line again"
    assert [spoken.intents for spoken in lab.topics if isinstance(spoken, Spoken)] == [
        ("greet", "ask_name"),
        ("ask_phone",),
        ("close",),
    ]
    for recording, lines in ((customer_wav, caller_end.lines), (agent_wav, agent_end.lines)):
        heard = loud_stretches(recording)
        assert len(heard) == len(lines)
        for (from_s, to_s), line in zip(heard, lines, strict=True):
            assert from_s == pytest.approx(line.began_s, abs=0.15)
            assert to_s == pytest.approx(line.ended_s, abs=0.15)


async def test_one_worker_holds_four_talking_calls_cheaply(lab: WorkerLab, tmp_path: Path) -> None:
    await lab.dialplan("from-lab", "7702", "Answer()", f"MixMonitor({tmp_path}/${{CALLERID(num)}}-mix.wav)", "Echo()")
    line = burst(tmp_path / "line.wav", 4.0)
    await lab.ensure("callers", 4)
    plan = script(says("a", line, facts={"x": "1"}), says("b", line), hangs_up())
    for number in range(4):
        await lab.tell(lab.call(f"c{number}", "7702", plan))
    await until(lambda: len(lab.all(CallAnswered)) == 4)
    state = await lab.worker("callers-1")
    process = psutil.Process(state.pid)
    before = process.cpu_times()
    await until(lambda: len(lab.all(LineSaid)) == 4)
    after = process.cpu_times()
    spent_s = after.user + after.system - before.user - before.system
    print(f"4 talking calls: {spent_s / 4:.1%} of a core, {process.memory_info().rss / 1e6:.0f} MB")
    for number in range(4):
        end = await lab.one(CallEnded, f"c{number}")
        assert (end.cause, [line.cut for line in end.lines]) == ("we_hung_up", [False, False])
        assert end.duration_s == pytest.approx(8.0, abs=0.3)
    assert spent_s / 4 < 0.25


async def test_a_call_too_many_is_broken_at_once(lab: WorkerLab) -> None:
    await lab.tell(lab.call("early", "7703", script()))
    assert "no free place" in (await lab.one(CallBroken, "early")).why
    await lab.dialplan("from-lab", "7703", "Answer()", "Wait(30)")
    await lab.ensure("callers", 1)
    for number in range(5):
        await lab.tell(lab.call(f"c{number}", "7703", script()))
        await lab.tell(lab.call(f"c{number}", "7703", script()))
    await until(lambda: len(lab.all(CallAnswered)) == 4)
    assert "no free place" in (await lab.one(CallBroken, "c4")).why
    await lab.tell(EndCall(call_id="c0"))
    assert (await lab.one(CallEnded, "c0")).cause == "ordered"
    await lab.tell(lab.call("c5", "7703", script()))
    await lab.one(CallAnswered, "c5")
    await lab.tell(EndAll())
    await until(lambda: len(lab.all(CallEnded)) == 5)
    assert len(lab.all(CallPlaced)) == 5, "an order that comes twice is one call"


async def test_refusals_are_reported_with_their_code(lab: WorkerLab, tmp_path: Path) -> None:
    await lab.dialplan("from-lab", "7704", "Busy(1)")
    await lab.dialplan("from-lab", "7705", "Congestion(1)")
    await lab.dialplan("from-lab", "7706", "Ringing()", "Wait(30)")
    await lab.ensure("callers", 4)
    await lab.tell(lab.call("busy", "7704", script()))
    await lab.tell(lab.call("congested", "7705", script()))
    await lab.tell(lab.call("nowhere", "x", script()))
    await lab.tell(lab.call("ringing", "7706", script()))
    ends = [await lab.one(CallEnded, name) for name in ("busy", "congested", "nowhere")]
    assert [(end.cause, end.sip_code) for end in ends] == [("rejected", 486), ("rejected", 503), ("rejected", 404)]
    await lab.tell(EndCall(call_id="ringing"))
    assert (await lab.one(CallEnded, "ringing")).cause == "ordered"
    await lab.tell(lab.call("odd", "7704", {"part": "poet"}))
    assert "poet" in (await lab.one(CallBroken, "odd")).why
    await lab.dialplan("from-lab", "7707", "Answer()", "Wait(30)")
    await lab.tell(lab.call("mute", "7707", script(says("gone", str(tmp_path / "gone.wav")))))
    end = await lab.one(CallEnded, "mute")
    assert end.cause == "fault"
    assert "gone.wav" in end.reason
    await lab.tell(lab.call("long", "7707", script(), max_s=0.5))
    assert (await lab.one(CallEnded, "long")).cause == "time_limit"


async def test_keys_arrive(lab: WorkerLab, tmp_path: Path) -> None:
    await lab.dialplan(
        "from-lab", "7708", "Answer()", "Read(KEYS,,4,,1,4)", f"MixMonitor({tmp_path}/keys-${{KEYS}}.wav)", "Wait(1)"
    )
    await lab.ensure("callers", 1)
    await lab.tell(lab.call("keys", "7708", script({"press": {"digits": "10*3", "after_s": 0.5}})))
    assert (await lab.one(CallEnded, "keys")).cause == "they_hung_up"
    assert tmp_path.joinpath("keys-10*3.wav").exists()


async def test_a_customer_is_phoned_by_a_robot_student(lab: WorkerLab, tmp_path: Path) -> None:
    await lab.ensure("callers", 4)
    await lab.ensure("robots", 1)
    await lab.register("1001")
    line = burst(tmp_path / "line.wav", 1.0)
    numbers = {"answer": "16300000001", "busy": "16300000002", "no_answer": "16300000003"}
    for behaviour, number in numbers.items():
        customer = script(says("hello", line), LISTEN, hangs_up("had enough"))
        await lab.tell(
            ExpectCall(
                call_id=f"customer-{behaviour}",
                number=number,
                conversation=customer,
                stage="talking",
                answer_after_s=0.3,
                behaviour=behaviour,
            )
        )
    await until(lambda: len((lab.fleet.state().workers[0]).calls) == 3)
    host = await lab.brain.request("fleet", WhereIs(number="16300000001"), Host)
    assert host.address == lab.pbx.settings.lab_peer
    assert (await lab.brain.request("fleet", WhereIs(number="16399999999"), Host)).port == 0
    for behaviour, number in numbers.items():
        await lab.dialplan("from-phones", number, f"Dial(PJSIP/lab/sip:{number}@{host.address}:{host.port},2)")
        robot = script(says("reply", line), begin="turn")
        await lab.tell(
            DialOut(call_id=f"robot-{behaviour}", seat="1001", number=number, conversation=robot, stage="talking")
        )
        end = await lab.one(CallEnded, f"robot-{behaviour}", 20)
        customer_end = await lab.one(CallEnded, f"customer-{behaviour}") if behaviour != "no_answer" else None
        if behaviour == "answer":
            assert customer_end is not None
            assert (customer_end.cause, customer_end.reason) == ("we_hung_up", "had enough")
            assert [line.line for line in end.lines] == ["reply"]
        elif behaviour == "busy":
            assert customer_end is not None
            assert (customer_end.cause, customer_end.sip_code) == ("rejected", 486)
            assert end.cause == "rejected"
        else:
            assert (await lab.one(CallEnded, "customer-no_answer")).cause == "never_answered"


async def test_a_phone_registers_leaves_and_tries_again(lab: WorkerLab) -> None:
    await lab.ensure("robots", 4)
    await lab.tell(lab.account("1003", password="wrong"))
    await until(lambda: lab.all(Registered))
    assert [(report.ok, report.code) for report in lab.all(Registered)] == [(False, 401)]
    await lab.register("1003")
    assert "1003@" in await lab.pbx.console("pjsip show contacts")
    assert (await lab.worker("robots-1")).seats == {"1003": True}
    await lab.tell(Unregister(seat="1003"))
    await until(lambda: not lab.all(Registered)[-1].ok)
    assert "1003@" not in await lab.pbx.console("pjsip show contacts")
    assert (await lab.worker("robots-1")).seats == {}


async def test_a_phone_that_talks_is_busy_for_a_second_call(lab: WorkerLab) -> None:
    await lab.dialplan("from-lab", "7709", "Dial(PJSIP/1001,10)", "Hangup(17)")
    await lab.ensure("callers", 2)
    await lab.ensure("robots", 1)
    await lab.register("1001")
    await lab.tell(Brief(seat="1001", contact=CONTACT, conversation=script()))
    await lab.tell(lab.call("first", "7709", script()))
    await lab.one(CallAnswered, "first")
    await lab.tell(lab.call("second", "7709", script()))
    assert (await lab.one(CallEnded, "second")).sip_code in (480, 486)
    assert not lab.all(CallEnded, "first")


async def test_a_brief_that_comes_after_the_ring_is_in_time(lab: WorkerLab) -> None:
    await lab.dialplan("from-lab", "7710", "Dial(PJSIP/1001,20)")
    await lab.ensure("callers", 1)
    await lab.ensure("robots", 1)
    await lab.register("1001")
    await lab.tell(lab.call("early", "7710", script()))
    await lab.one(CallPlaced, "early")
    for _ in range(100):
        if "Ringing" in await lab.pbx.console("core show channels"):
            break
        await asyncio.sleep(0.05)
    assert not lab.all(CallAnswered)
    await lab.tell(Brief(seat="1001", contact=CONTACT, conversation=script()))
    await lab.one(CallAnswered, "early")
    assert not lab.all(CallEnded)


async def test_the_same_phone_is_offered_the_same_contact_again(lab: WorkerLab) -> None:
    await lab.dialplan("again", "s", f"Set(PJSIP_HEADER(add,X-Ringside-Contact)={CONTACT})", "Return()")
    await lab.dialplan("from-lab", "7714", "Dial(PJSIP/1001,2,b(again^s^1))", "Dial(PJSIP/1001,10,b(again^s^1))")
    await lab.ensure("callers", 1)
    await lab.ensure("robots", 1)
    await lab.register("1001")
    brief = Brief(seat="1001", contact=CONTACT, conversation=script(), behaviour="no_answer")
    await lab.tell(brief)
    await lab.tell(lab.call("patient", "7714", script(), contact=CONTACT))
    await lab.one(CallPlaced, brief.call_id)
    await lab.tell(brief.model_copy(update={"behaviour": "answer"}))
    await lab.one(CallAnswered, "patient")
    assert [end.cause for end in lab.all(CallEnded)] == ["never_answered"]


async def test_a_dead_worker_is_replaced_and_its_calls_are_broken_once(lab: WorkerLab) -> None:
    await lab.dialplan("from-lab", "7711", "Answer()", "Wait(30)")
    await lab.ensure("callers", 1)
    await lab.ensure("robots", 1)
    await lab.register("1001")
    for number in range(3):
        await lab.tell(lab.call(f"c{number}", "7711", script(), contact=CONTACT))
    await until(lambda: len(lab.all(CallAnswered)) == 3)
    for name in ("callers-1", "robots-1"):
        psutil.Process((await lab.worker(name)).pid).kill()
    await until(lambda: len(lab.all(CallBroken)) == 3)
    await until(lambda: lab.ready("callers") == 1 and lab.ready("robots") == 1)
    await lab.register("1001")
    await until(lambda: len([report for report in lab.all(Registered) if report.ok]) == 2)
    await lab.tell(lab.call("next", "7711", script()))
    await lab.one(CallAnswered, "next")
    assert sorted((broken.call_id, broken.contact) for broken in lab.all(CallBroken)) == [
        (f"c{number}", CONTACT) for number in range(3)
    ]


async def test_a_frozen_worker_is_killed_and_replaced(lab: WorkerLab) -> None:
    await lab.ensure("callers", 1)
    frozen = psutil.Process((await lab.worker("callers-1")).pid)
    frozen.suspend()
    await until(lambda: lab.ready("callers") == 1 and lab.fleet.state().workers[0].pid != frozen.pid)


async def test_a_call_goes_on_while_hub_and_fleet_are_away_and_is_reported_later(pbx: Pbx, tmp_path: Path) -> None:
    lab = WorkerLab(pbx, tmp_path)
    await lab.load_applications()
    await lab.dialplan("from-lab", "7712", "Answer()", "Wait(30)")
    line = burst(tmp_path / "line.wav", 1.5)
    await lab.hub.start()
    worker = await asyncio.create_subprocess_exec(*lab.command("callers-1", "callers"))
    second = Hub(lab.address, lab.clock)
    try:
        order = lab.call("alone", "7712", script(says("a", line, facts={"x": "1"}), hangs_up()))
        await lab.brain.send("callers-1", order, durable=True)
        await lab.one(CallAnswered, "alone")
        await lab.hub.close()
        for _ in range(100):
            if "0 active calls" in await pbx.console("core show channels"):
                break
            await asyncio.sleep(0.05)
        assert not lab.all(CallEnded)
        lab.note_reports(second)
        await second.start()
        end = await lab.one(CallEnded, "alone")
        assert (end.cause, [line.facts for line in end.lines]) == ("we_hung_up", [{"x": "1"}])
        assert len(lab.all(LineSaid, "alone")) == 1
    finally:
        worker.terminate()
        assert await worker.wait() == 0
        await second.close()


async def test_a_stopped_worker_leaves_nothing_at_the_switch(lab: WorkerLab) -> None:
    await lab.dialplan("from-lab", "7713", "Answer()", "Wait(30)")
    await lab.ensure("callers", 1)
    await lab.ensure("robots", 1)
    await lab.register("1001")
    await lab.tell(lab.call("talking", "7713", script()))
    await lab.one(CallAnswered, "talking")
    pids = [worker.pid for worker in lab.fleet.state().workers]
    await lab.fleet.close()
    assert not any(psutil.pid_exists(pid) for pid in pids if pid)
    assert lab.all(CallEnded, "talking")[0].cause == "ordered"
    assert not lab.all(CallBroken)
    assert "1001@" not in await lab.pbx.console("pjsip show contacts")
    assert "0 active calls" in await lab.pbx.console("core show channels")
