// The page /desk: buttons and words around the floor's state, the phone and the pop. Draws what those say, no more.

import { headset } from "../phone/keys.js";
import { Microphone } from "../phone/microphone.js";
import { take, wait } from "../phone/one-tab.js";
import { Ringing } from "../phone/ringing.js";
import { fits, places } from "./fits.js";
import { Floor } from "./floor.js";
import { PopUp } from "./pop.js";
import { takeCall } from "./take.js";

const ON = "ringside.phone.on"; // as on /phone: so that a reload goes on where it was
const DESK_PHONE = "ringside.desk_phone";
const SOON_OVER_S = 15;
const PAUSE = "ringside.pause";
const desk = document.getElementById("desk");
const words = JSON.parse(desk.dataset.words);
const names = JSON.parse(desk.dataset.names);
const limits = JSON.parse(desk.dataset.wrap); // seconds to write up, by queue
const { seat, csrf } = desk.dataset;
const acts = document.getElementById("acts");
const part = (name) => desk.querySelector(`[data-part="${name}"]`);
const floor = new Floor(seat, csrf);
const pop = new PopUp(document.getElementById("pop"), csrf, words);
const microphone = new Microphone();
const ringing = new Ringing();
const ownPhone = desk.dataset.built !== "" && localStorage.getItem(DESK_PHONE) !== "1";
let phone = null;
let wrapped = "";

// -- what the buttons do ----------------------------------------------------------------------------------------------

const target = () => {
  const text = acts.elements.to.value.trim();
  if (text === "" || text.includes(":")) return text;
  return text in names ? `seat:${text}` : /^\+?[0-9*#]+$/.test(text) ? `number:${text}` : `queue:${text}`;
};

async function ask(command, { onContact = true } = {}) {
  const contact = floor.contact?.contact ?? floor.me?.contact ?? null;
  const answer = await floor.do(onContact ? { ...command, contact } : command);
  if (answer.error) refused(answer.error);
  else say("");
  return answer;
}

const send = (what) => async () => {
  const to = target();
  if (to === "") {
    say(words.where_to, true);
    acts.elements.to.focus();
    return;
  }
  if (!(await ask({ do: what, to })).error) acts.elements.to.value = "";
};

const plain = (what) => () => ask({ do: what });
const own = (what) => () => ask({ do: what }, { onContact: false });

const actions = {
  ready: async () => {
    if (ownPhone && !(await begin())) return;
    if (floor.me?.state === "offline") await floor.do({ do: "sign_on" });
    await own("ready")();
  },
  not_ready: async () => {
    if (floor.me?.state === "offline") await floor.do({ do: "sign_on" });
    await ask({ do: "not_ready", reason: acts.elements.reason.value.trim() }, { onContact: false });
  },
  finish_wrap_up: async () => {
    if (pop.contact === (floor.me?.contact ?? "") && pop.writable) await pop.submit(true);
    else await ask({ do: "finish_wrap_up" }, { onContact: false });
  },
  answer: () => phone?.answer(),
  hang_up: () => (phone?.call ? phone.hangUp() : ask({ do: "hang_up" })),
  mute: () => (phone?.call ? phone.mute() : ask({ do: "mute", on: !places(floor.contact, seat).mine?.muted })),
  hold: plain("hold"),
  resume: plain("resume"),
  transfer: send("transfer"),
  consult: send("consult"),
  complete_transfer: plain("complete_transfer"),
  swap: plain("swap"),
  join: plain("join"),
  cancel_consult: plain("cancel_consult"),
  leave_talk: plain("leave_talk"),
  park: async () => {
    const answer = await ask({ do: "park" });
    if (answer.error) return;
    acts.elements.slot.value = answer.result.slot;
    say(words.parked_at.replace("%(slot)s", answer.result.slot));
  },
  fetch: async () => {
    const slot = acts.elements.slot.value.trim();
    if (slot === "") {
      say(words.which_slot, true);
      acts.elements.slot.focus();
    } else if (!(await ask({ do: "fetch", slot, auto_answer: ownPhone }, { onContact: false })).error) {
      acts.elements.slot.value = "";
    }
  },
  take: async () => {
    if (ownPhone && !(await begin())) return;
    const told = await takeCall(ownPhone ? phone : null, csrf);
    if (told === "" || told === "class_runs") say(words[told || "calling"]);
    else refused(told);
    floor.ask();
  },
  pick_up: () => ask({ do: "pick_up", auto_answer: ownPhone }, { onContact: false }),
  on: () => begin(),
  off: () => {
    sessionStorage.removeItem(ON);
    phone?.stop();
    microphone.close();
    show();
  },
  test: () => phone?.tryOut(),
};

/** The keys: function keys of the phone as on /phone, and Alt with a letter. F8 is a switch. */
const KEYS = { F2: ["answer"], F4: ["mute"], F8: ["hold", "resume"], F9: ["hang_up"] };
const LETTERS = {
  KeyR: "ready", KeyN: "not_ready", KeyW: "finish_wrap_up", KeyX: "transfer", KeyK: "consult", KeyC: "complete_transfer",
  KeyS: "swap", KeyJ: "join", KeyB: "cancel_consult", KeyL: "leave_talk", KeyP: "park", KeyG: "fetch", KeyU: "pick_up",
};

/** Shown only while they make sense: the column has to fit the screen. */
const SELDOM = ["resume", "complete_transfer", "swap", "join", "cancel_consult", "leave_talk"];

function press(name) {
  const button = desk.querySelector(`button[data-do="${name}"]`);
  if (button === null || button.disabled) return false;
  actions[name]();
  return true;
}

addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
  if (!event.altKey && event.key in KEYS) {
    event.preventDefault();
    KEYS[event.key].some(press);
  } else if (event.altKey && event.code in LETTERS) {
    event.preventDefault();
    press(LETTERS[event.code]);
  } else if (event.altKey && event.code === "KeyT") {
    event.preventDefault();
    acts.elements.to.focus();
  } else if (event.altKey && event.code === "KeyQ") {
    event.preventDefault();
    pop.submit(false);
  }
});
headset((name) => press({ hangUp: "hang_up" }[name] ?? name));
acts.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter) press(event.submitter.dataset.do);
});
acts.addEventListener("keydown", (event) => {
  // Enter in a field would press the form's first button.
  if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  press({ to: "transfer", slot: "fetch", reason: "not_ready" }[event.target.name]);
});
for (const button of desk.querySelectorAll("button[type=button][data-do]")) {
  button.addEventListener("click", () => actions[button.dataset.do]());
}
for (const key of desk.querySelectorAll("button[data-key]")) key.addEventListener("click", () => phone?.press(key.dataset.key));
desk.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-contact], a[data-score]");
  if (link === null) return;
  event.preventDefault(); // another page would cut off the phone
  if (link.dataset.score) pop.mark(link.dataset.score);
  else pop.show(link.dataset.contact);
});
desk.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") !== "/desk/call") return;
  event.preventDefault();
  actions.take();
});
part("pause").checked = (localStorage.getItem(PAUSE) ?? desk.dataset.pause) === "1";
part("pause").addEventListener("change", ({ target: box }) => localStorage.setItem(PAUSE, box.checked ? "1" : "0"));
part("desk_phone").checked = localStorage.getItem(DESK_PHONE) === "1";
part("desk_phone").addEventListener("change", ({ target: box }) => {
  localStorage.setItem(DESK_PHONE, box.checked ? "1" : "");
  location.reload();
});

// -- the phone of this page -------------------------------------------------------------------------------------------

/** Switch it on; whether it is on, or coming. */
async function begin() {
  if (phone !== null && !["off", "taken", "expired", "refused"].includes(phone.line)) return true;
  say(words.starting);
  if (!(await take())) {
    say(words.other_tab, true);
    await wait();
  }
  let module;
  try {
    await microphone.open();
    module = await import("../phone/phone.js");
  } catch (error) {
    say(words[`microphone_${error.kind}`] ?? words.no_phone, true);
    return false;
  }
  const answer = await fetch("/api/v1/phone").catch(() => null);
  if (!answer?.ok) {
    say(answer?.status === 401 ? words.line_expired : words.line_lost, true);
    return false;
  }
  if (phone === null) {
    phone = new module.Phone(microphone, part("speaker"));
    phone.addEventListener("change", show);
  }
  phone.account = await answer.json();
  sessionStorage.setItem(ON, "1");
  phone.start();
  say("");
  return true;
}

microphone.addEventListener("level", ({ detail }) => {
  part("level").value = detail;
});
microphone.addEventListener("lost", ({ detail }) => {
  phone?.stop();
  say(words[`microphone_${detail.kind}`], true);
  show();
});

// -- what is shown ----------------------------------------------------------------------------------------------------

function show() {
  const call = phone?.call ?? null;
  const line = phone?.line ?? "off";
  const me = floor.me;
  const contact = floor.contact;
  const can = fits({ me, contact, seat, agents: floor.state?.agents ?? [], call, line, registered: desk.dataset.built !== "" });
  for (const button of desk.querySelectorAll("button[data-do]")) button.disabled = !can[button.dataset.do];
  for (const name of SELDOM) desk.querySelector(`button[data-do="${name}"]`).hidden = !can[name];
  desk.querySelector('button[data-do="hold"]').hidden = can.resume;
  for (const key of desk.querySelectorAll("button[data-key]")) key.disabled = call?.stage !== "talking";
  desk.dataset.line = line;
  desk.dataset.call = call?.stage ?? (me?.state === "talking" || me?.state === "ringing" ? me.state : "none");
  part("line").textContent = words[`line_${line}`];
  const muted = call?.muted ?? places(contact, seat).mine?.muted ?? false;
  desk.querySelector('[data-do="mute"]').setAttribute("aria-pressed", String(muted));
  if (call?.stage === "ringing") ringing.start();
  else ringing.stop();
  showCall(call, contact, muted);
  if (me !== null) showFloor(me);
  const rings = desk.dataset.call === "ringing";
  document.title = rings ? `${words.call_ringing}: ${part("name").textContent}` : desk.dataset.title;
}

function showCall(call, contact, muted) {
  const there = call !== null || (contact !== null && ["talking", "ringing"].includes(floor.me?.state));
  part("call").hidden = !there;
  if (!there) return;
  const { held, asked } = places(contact, seat);
  part("name").textContent = call?.test ? words.test_call : call?.name || call?.number || contact?.number || "";
  part("number").textContent = call?.test ? words.test_hint : (call?.name ? call.number : "");
  const stage = asked !== null ? (asked.answered ? words.consulting : words.asked_rings) : held ? words.held : "";
  const plain = words[`call_${call?.stage ?? floor.me.state}`] ?? "";
  part("stage").textContent = stage || (muted ? words.muted : plain);
}

function showFloor(me) {
  desk.dataset.state = me.state;
  const state = part("state");
  state.className = `state ${me.state}`;
  const reason = me.reason ? ` · ${words[`reason_${me.reason}`] ?? me.reason}` : "";
  state.textContent = words[`state_${me.state}`] + reason;
  lines("queues", floor.state.queues, (queue) => [words[`queue_${queue.queue}`] ?? queue.queue, `${queue.waiting} ${words.waiting}`, `${words.longest} ${clock(queue.longest_s)}`]);
  if (floor.state.queues.length === 0) lines("queues", [words.nobody_waits], (text) => [text]);
  const others = floor.state.agents.filter((one) => one.seat !== seat);
  lines("agents", others, (one) => [`${one.seat} ${names[one.seat] ?? ""}`, { state: one.state }]);
  if (others.length === 0) lines("agents", [part("agents").dataset.none], (text) => [text]);
}

function lines(name, things, cells) {
  part(name).replaceChildren(...things.map((thing) => {
    const line = document.createElement("li");
    for (const cell of cells(thing)) {
      const place = line.appendChild(document.createElement("span"));
      if (cell.state) place.className = `state ${cell.state}`;
      place.textContent = cell.state ? words[`state_${cell.state}`] : cell;
    }
    return line;
  }));
}

function tick() {
  const me = floor.me;
  if (me !== null) showStateTime(me.state, me.for_s + (Date.now() - floor.state.at) / 1000);
  const call = phone?.call;
  part("time").textContent = call?.stage === "talking" ? clock((Date.now() - call.since) / 1000) : "";
}

/** Time in the state; in the wrap-up, what is left of it. */
function showStateTime(state, passed_s) {
  const place = part("state_time");
  const queue = document.querySelector("#pop article")?.dataset.queue ?? "";
  const wrapLeft = state === "wrap_up" ? (limits[queue] ?? limits[""]) - passed_s : null;
  place.textContent = wrapLeft === null ? clock(passed_s) : words.wrap_left.replace("%(time)s", clock(wrapLeft));
  place.classList.toggle("fault", wrapLeft !== null && wrapLeft < SOON_OVER_S);
}

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function say(text, loud = false) {
  const place = part("message");
  place.textContent = text ?? "";
  place.hidden = !text;
  place.classList.toggle("bad", loud);
}

function refused(error) {
  say(words[`refused_${error}`] ?? words.refused, true);
}

// -- whose turn it is -------------------------------------------------------------------------------------------------

/** The pop follows the call: it comes while it rings, may be written on once it is answered, goes after the write-up. */
function follow() {
  const me = floor.me;
  if (me === null) return;
  const contact = ["ringing", "talking", "wrap_up"].includes(me.state) ? me.contact : null;
  if (contact === null) {
    if (wrapped !== "" && ["", wrapped].includes(pop.contact)) pop.mark(wrapped);
    if (wrapped !== "") day();
    wrapped = "";
    return;
  }
  const key = `${contact} ${me.state}`;
  wrapped = contact;
  if (key === follow.last) return;
  follow.last = key;
  const writing = me.state !== "ringing";
  if (!writing) say("");
  const there = pop.contact === contact || (!writing && pop.coming === contact);
  if (!there || (writing && !pop.writable)) pop.show(contact, { writing });
  if (me.state !== "wrap_up") return;
  day();
  // Else the next caller would ring before the scorecard is read.
  if (part("pause").checked) floor.do({ do: "not_ready", reason: words.reading });
}

async function day() {
  for (const later_ms of [300, 3000]) {
    await new Promise((go) => setTimeout(go, later_ms));
    try {
      const answer = await fetch("/desk?part=day", { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) return;
      const made = document.createElement("template");
      made.innerHTML = await answer.text(); // our own page's part
      document.getElementById("day").replaceChildren(made.content);
    } catch {
      return;
    }
  }
}

floor.addEventListener("change", () => {
  show();
  follow();
});
floor.addEventListener("contact", ({ detail }) => {
  const { stage, legs, offered = [], seat: at } = detail.data;
  if (!["ringing", "talking"].includes(stage) || [pop.contact, pop.coming].includes(detail.contact)) return;
  // At once, not only when the state has been asked: who rings is to be read before one answers.
  if (offered.includes(seat) || (at === seat && legs.some((leg) => leg.seat === seat))) pop.show(detail.contact);
});
floor.addEventListener("live", ({ detail }) => {
  part("live").hidden = detail;
  part("live").textContent = detail ? "" : words.live_lost;
});
floor.addEventListener("signed-out", () => say(words.signed_out, true));
pop.addEventListener("finished", () => {
  floor.ask();
  day();
});
pop.addEventListener("graded", day);
pop.addEventListener("refused", ({ detail }) => refused(detail));
desk.ringside = { phone: () => phone, microphone, floor, pop };
show();
setInterval(tick, 500);
floor.start();
if (desk.dataset.take) {
  history.replaceState(null, "", "/desk"); // loaded again, it does not ring again
  actions.take();
} else if (ownPhone && sessionStorage.getItem(ON)) begin();
