// Which button makes sense now: of the floor's state and the phone's call alone, nothing else.

/** Where the parties of a contact are, as seen from `seat`. */
export function places(contact, seat) {
  const legs = contact?.legs ?? [];
  const mine = legs.find((leg) => leg.seat === seat) ?? null;
  const customer = legs.find((leg) => leg.leg === "customer") ?? null;
  const others = legs.filter((leg) => leg !== mine && leg !== customer);
  const asked = others.find((leg) => leg.place === "consult") ?? null;
  return { mine, customer, asked, joined: others.filter((leg) => leg.place === "talk"), held: customer?.place === "hold" };
}

/** Name of a button → whether it can be pressed. `me`, `contact`: of Floor; `call`, `line`: of Phone. */
export function fits({ me, contact, seat, agents, call, line, registered }) {
  const state = me?.state ?? "offline";
  const { mine, customer, asked, joined, held } = places(contact, seat);
  const talking = state === "talking" && mine?.answered === true && customer !== null;
  const alone = talking && asked === null;
  const colleague = talking && asked?.answered === true;
  const idle = !["ringing", "talking"].includes(state) && call === null;
  return {
    ready: ["offline", "not_ready"].includes(state),
    not_ready: ["ready", "offline", "ringing", "talking", "wrap_up"].includes(state),
    finish_wrap_up: state === "wrap_up",
    answer: call?.stage === "ringing",
    hang_up: call !== null || state === "talking",
    mute: call?.stage === "talking" || (call === null && talking),
    hold: alone && !held,
    resume: alone && held,
    transfer: alone,
    consult: alone,
    complete_transfer: talking && asked !== null,
    swap: colleague,
    join: colleague,
    cancel_consult: talking && asked !== null,
    leave_talk: talking && joined.length > 0,
    park: alone && joined.length === 0,
    fetch: idle && state !== "offline",
    pick_up: idle && state !== "offline" && agents.some((one) => one.seat !== seat && one.state === "ringing"),
    on: registered && ["off", "taken", "expired", "refused"].includes(line),
    off: registered && !["off", "taken", "expired"].includes(line) && call === null,
    test: line === "ready" && call === null,
  };
}
