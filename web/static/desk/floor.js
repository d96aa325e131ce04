// The floor as this seat hears of it: commands over POST /api/v1/floor, news by server-sent events, the state asked
// anew whenever news may have been missed.

const EVENTS = ["agent", "queues", "contact", "ended"];
const SOON_MS = 120;
const AGAIN_MS = 2000;
const LOOK_MS = 4000; // while in a call: what no event tells

/** Events: "change" (the state), "live" (detail: whether events come), "signed-out", "contact" (detail: the event). */
export class Floor extends EventTarget {
  constructor(seat, csrf) {
    super();
    this.seat = seat;
    this.state = null; // { agents, queues, contacts }, and `at`: when it was told
    this._csrf = csrf;
    this._asking = null;
  }

  /** This seat's agent; null before the first answer. */
  get me() {
    if (this.state === null) return null;
    return this.state.agents.find((one) => one.seat === this.seat) ?? { seat: this.seat, state: "offline", reason: "", contact: null, for_s: 0 };
  }

  /** The contact this seat takes part in, as the floor tells it. */
  get contact() {
    const own = this.me?.contact;
    const mine = (one) => one.legs.some((leg) => leg.seat === this.seat);
    return this.state?.contacts.find((one) => one.contact === own) ?? this.state?.contacts.find(mine) ?? null;
  }

  start() {
    this._listen();
    this.ask();
    setInterval(() => {
      if (["talking", "ringing"].includes(this.me?.state) && !document.hidden) this.ask();
    }, LOOK_MS);
  }

  /** Carry out a command; { error, message, result }. */
  async do(command) {
    let answer;
    try {
      const response = await fetch("/api/v1/floor", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": this._csrf, "Idempotency-Key": crypto.randomUUID?.() ?? "" },
        body: JSON.stringify(command),
      });
      answer = await response.json();
      if (response.status === 401) this.dispatchEvent(new Event("signed-out"));
    } catch {
      answer = { error: "floor_away", message: "" };
    }
    if (command.do !== "state") this.ask();
    return answer;
  }

  /** Ask for the state; soon, and once for many who want it. */
  ask() {
    this._asking ??= setTimeout(async () => {
      const answer = await this.do({ do: "state" });
      this._asking = null;
      if (answer.error) {
        if (answer.error !== "http.401") setTimeout(() => this.ask(), AGAIN_MS);
        return;
      }
      this.state = { ...answer.result, at: Date.now() };
      this.dispatchEvent(new Event("change"));
    }, SOON_MS);
  }

  _listen() {
    const source = new EventSource("/api/v1/floor/events");
    source.addEventListener("open", () => {
      this._told(true);
      this.ask();
    });
    source.addEventListener("error", () => {
      this._told(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this._listen(), AGAIN_MS);
    });
    source.addEventListener("signed-out", () => {
      source.close();
      this.dispatchEvent(new Event("signed-out"));
    });
    for (const name of EVENTS) source.addEventListener(name, ({ data }) => this._heard(JSON.parse(data)));
  }

  _told(live) {
    this.dispatchEvent(new CustomEvent("live", { detail: live }));
  }

  _heard(event) {
    const mine = event.seats.includes(this.seat);
    if (this.state !== null) {
      if (event.event === "queues") this.state.queues = event.data.queues;
      if (event.event === "agent") this._agent(event.data);
    }
    if (mine && (event.event === "contact" || event.event === "ended")) {
      this.dispatchEvent(new CustomEvent("contact", { detail: event }));
    }
    if (mine) this.ask();
    this.dispatchEvent(new Event("change"));
  }

  _agent(told) {
    const others = this.state.agents.filter((one) => one.seat !== told.seat);
    this.state.agents = [...others, told].sort((one, two) => one.seat.localeCompare(two.seat));
    if (told.seat === this.seat) this.state.at = Date.now();
  }
}
