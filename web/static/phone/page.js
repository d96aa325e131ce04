// The page /phone: buttons and words around a Phone. What is said in it comes from the server, in the reader's language.

import { headset, listen } from "./keys.js";
import { Microphone } from "./microphone.js";
import { take, wait } from "./one-tab.js";
import { Phone } from "./phone.js";
import { Ringing } from "./ringing.js";

const ON = "ringside.phone.on"; // so that a reload goes on where it was
const page = document.getElementById("phone");
const words = JSON.parse(page.dataset.words);
const part = (name) => page.querySelector(`[data-part="${name}"]`);
const ringing = new Ringing();
const microphone = new Microphone();
let phone = null;
let clock = null;

const actions = {
  on: () => begin(),
  off: () => {
    sessionStorage.removeItem(ON);
    phone?.stop();
    microphone.close();
    show();
  },
  answer: () => phone?.answer(),
  hangUp: () => phone?.hangUp(),
  mute: () => phone?.mute(),
  test: () => phone?.tryOut(),
};

for (const button of page.querySelectorAll("button[data-do]")) {
  button.addEventListener("click", () => actions[button.dataset.do]());
}
for (const key of page.querySelectorAll("button[data-key]")) {
  key.addEventListener("click", () => phone?.press(key.dataset.key));
}
microphone.addEventListener("level", ({ detail }) => {
  part("level").value = detail;
});
microphone.addEventListener("lost", ({ detail }) => {
  phone?.stop();
  show();
  say(words[`microphone_${detail.kind}`], true);
});
listen((name) => actions[name]?.());
headset((name) => actions[name]?.());

async function begin() {
  if (phone !== null && !["off", "taken", "expired", "refused"].includes(phone.line)) return;
  say(words.starting);
  if (!(await take())) {
    say(words.other_tab, true);
    await wait();
  }
  try {
    await microphone.open();
  } catch (error) {
    say(words[`microphone_${error.kind}`] ?? words.microphone_broken, true);
    return;
  }
  const answer = await fetch("/api/v1/phone");
  if (!answer.ok) {
    say(answer.status === 401 ? words.line_expired : words.line_lost, true);
    return;
  }
  if (phone === null) {
    phone = new Phone(microphone, part("speaker"));
    phone.addEventListener("change", show);
    phone.addEventListener("ended", ({ detail }) => say(words[detail.by === "remote" ? "ended_by_other" : "ended"]));
  }
  phone.account = await answer.json();
  sessionStorage.setItem(ON, "1");
  phone.start();
}

function show() {
  const line = phone?.line ?? "off";
  const call = phone?.call ?? null;
  page.dataset.line = line;
  page.dataset.call = call?.stage ?? "none";
  part("line").textContent = words[`line_${line}`];
  if (line !== "off") say("");
  for (const button of page.querySelectorAll("button[data-do]")) button.hidden = !fits(button.dataset.do, line, call);
  part("keys").hidden = call?.stage !== "talking";
  part("call").hidden = call === null;
  part("name").textContent = call?.test ? words.test_call : call?.name || call?.number || "";
  part("number").textContent = call?.test ? words.test_hint : call?.name ? call.number : "";
  part("stage").textContent = call ? words[call.muted ? "muted" : `call_${call.stage}`] : "";
  page.querySelector('[data-do="mute"]').setAttribute("aria-pressed", String(call?.muted ?? false));
  if (call?.stage === "ringing") ringing.start();
  else ringing.stop();
  document.title = call?.stage === "ringing" ? `${words.call_ringing}: ${call.name || call.number}` : page.dataset.title;
  tell(call);
  clearInterval(clock);
  part("time").textContent = "";
  if (call?.stage === "talking") {
    clock = setInterval(() => tick(call), 250);
    tick(call);
  }
}

function fits(name, line, call) {
  switch (name) {
    case "on":
      return ["off", "taken", "expired", "refused"].includes(line);
    case "off":
      return !["off", "taken", "expired"].includes(line) && call === null;
    case "test":
      return line === "ready" && call === null;
    case "answer":
      return call?.stage === "ringing";
    case "hangUp":
      return call !== null;
    default:
      return call?.stage === "talking";
  }
}

function tick(call) {
  const seconds = Math.floor((Date.now() - call.since) / 1000);
  part("time").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Headset keys belong to who plays sound: the browser is told that we do. */
function tell(call) {
  if (!navigator.mediaSession) return;
  navigator.mediaSession.playbackState = call?.stage === "talking" ? "playing" : call ? "paused" : "none";
}

function say(text, loud = false) {
  const place = part("message");
  place.textContent = text ?? "";
  place.classList.toggle("failure", loud);
}

page.ringside = { phone: () => phone, microphone };
show();
if (sessionStorage.getItem(ON)) begin();
