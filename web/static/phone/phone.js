// The phone of a seat: registers over our own address, rings, talks. It draws nothing: a page listens to "change".

import JsSIP from "../built/jssip.js";
import { NO_SESSION, PageSocket, TAKEN } from "./socket.js";

const REGISTER_S = 120;
const ICE_MS = 20; // after the first candidate: the page itself asks from the others, too
const RENEWALS = 5;
const LEFT = 'Reason: Q.850;cause=41;text="page left"';
/** Cause 41 tells the floor that nobody hung up: the page is going, perhaps to come back (telephony/seat_phones.py). */

/**
 * `microphone` is a Microphone, `speaker` an <audio>; `account`, to be set before `start`, is what
 * `GET /api/v1/phone` answers.
 *
 * line: "off" | "connecting" | "ready" | "lost" (comes back by itself) | "refused" | "taken" | "expired"
 * call: null or { direction: "in"|"out", stage: "ringing"|"dialling"|"talking", number, name, contact, since, muted,
 *                 test }
 * Events: "change" after either changed; "ended" with detail { cause, by, call }.
 */
export class Phone extends EventTarget {
  constructor(microphone, speaker) {
    super();
    this.account = null;
    this.line = "off";
    this.call = null;
    this._microphone = microphone;
    this._speaker = speaker;
    this._session = null;
    this._stream = null;
    this._ua = null;
    microphone.addEventListener("changed", () => this._otherMicrophone());
    addEventListener("pagehide", () => this.leave());
  }

  /** Register; again after "off", "refused", "taken" or "expired". The microphone must be open: else nobody is rung. */
  start() {
    if (this.line === "refused") this.stop();
    if (this._ua !== null) return;
    if (!this._microphone.live) throw new Error("open the microphone first");
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/sip`;
    const { user, password } = this.account;
    this._socket = new PageSocket(url);
    this._ua = new JsSIP.UA({
      sockets: [this._socket],
      uri: `sip:${user}@${location.hostname}`,
      contact_uri: `sip:${user}@${random()}.invalid;transport=ws`,
      password,
      register_expires: REGISTER_S,
      session_timers: false, // the switch notices a dead page by its silence
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 1,
      user_agent: "Ringside",
    });
    this._ua.on("registered", () => this._registered());
    this._ua.on("unregistered", () => {
      if (this._ua !== null) this._line("connecting");
    });
    this._ua.on("registrationFailed", ({ response }) => this._line(response ? "refused" : "lost"));
    this._ua.on("disconnected", () => this._disconnected());
    this._ua.on("newRTCSession", ({ originator, session, request }) => {
      if (originator === "remote") this._rung(session, request);
    });
    this._line("connecting");
    this._ua.start();
  }

  /** Register no longer; a call goes on being hung up first. */
  stop() {
    this.hangUp();
    const ua = this._ua;
    this._ua = null;
    ua?.stop();
    this._line("off");
  }

  answer() {
    if (this.call?.stage !== "ringing") return;
    this.call.stage = "answering";
    this._stream = this._microphone.copy();
    this._session.answer({ mediaStream: this._stream, pcConfig: { iceServers: [] } });
    this._changed();
  }

  /** Hang up, or turn away what rings. */
  hangUp() {
    this._end({ status_code: this.call?.direction === "in" && this.call.stage === "ringing" ? 486 : undefined });
  }

  /** Let the other side hear nothing, or everything again; without an argument the opposite of now. */
  mute(on = !this.call?.muted) {
    if (this.call?.stage !== "talking") return;
    if (on) this._session.mute({ audio: true });
    else this._session.unmute({ audio: true });
    this.call.muted = on;
    this._changed();
  }

  /** Keys into the call (RFC 4733). */
  press(digits) {
    if (this.call?.stage === "talking") this._session.sendDTMF(digits, { transportType: "RFC2833", duration: 120 });
  }

  /** A call to oneself: one hears what one says. */
  tryOut() {
    this._dial(this.account.echo, true);
  }

  /** Dial a number. The floor makes a contact of it. */
  dial(number) {
    this._dial(number, false);
  }

  /** The app knows from its own channel that this contact is over (a BYE may have been lost). */
  over(contact) {
    if (this.call?.contact === contact) this.hangUp();
  }

  /** The page is going: a talk ends as "left", not as hung up, so that the floor can ring whoever comes back. */
  leave() {
    this._end({ extraHeaders: [LEFT] });
  }

  _dial(number, test) {
    if (this.call !== null || this._ua === null) return;
    this._stream = this._microphone.copy();
    const session = this._ua.call(`sip:${number}@${location.hostname}`, {
      mediaStream: this._stream,
      pcConfig: { iceServers: [] },
    });
    this.call = { direction: "out", stage: "dialling", number, name: "", contact: "", since: 0, muted: false, test };
    this._take(session);
    this._sound(session.connection);
  }

  _rung(session, request) {
    if (this.call !== null) {
      session.terminate({ status_code: 486 });
      return;
    }
    const from = session.remote_identity;
    this.call = {
      direction: "in",
      stage: "ringing",
      number: from.uri.user ?? "",
      name: from.display_name ?? "",
      contact: request.getHeader("X-Ringside-Contact") ?? "",
      since: Date.now(),
      muted: false,
      test: false,
    };
    this._take(session);
    session.on("peerconnection", ({ peerconnection }) => this._sound(peerconnection));
    if (/answer-after=0/.test(request.getHeader("Call-Info") ?? "")) this.answer();
  }

  _take(session) {
    this._session = session;
    let ready = null;
    session.on("icecandidate", (event) => {
      ready ??= setTimeout(event.ready, ICE_MS);
    });
    session.on("confirmed", () => this._talks(session));
    session.on("ended", (event) => this._over(session, event));
    session.on("failed", (event) => this._over(session, event));
    this._changed();
  }

  _sound(connection) {
    connection.addEventListener("track", ({ streams, track }) => {
      this._speaker.srcObject = streams[0] ?? new MediaStream([track]);
      this._speaker.play().catch(() => {}); // allowed as soon as anything has been pressed
    });
    connection.addEventListener("connectionstatechange", () => {
      if (connection.connectionState === "failed" && this._session?.connection === connection) this.leave();
    });
  }

  _talks(session) {
    if (session !== this._session || this.call.stage === "talking") return;
    this.call.stage = "talking";
    this.call.since = Date.now();
    this._changed();
  }

  _over(session, { cause, originator }) {
    if (session !== this._session) return;
    const call = this.call;
    this._session = this.call = null;
    for (const track of this._stream?.getTracks() ?? []) track.stop();
    this._stream = null;
    this._speaker.srcObject = null;
    this._changed();
    this.dispatchEvent(new CustomEvent("ended", { detail: { cause, by: originator, call } }));
  }

  _end(options) {
    if (this._session === null || this._session.isEnded()) return;
    this._session.terminate(options);
  }

  _registered() {
    const back = this.line === "lost";
    this._line("ready");
    if (back && this._session?.isEstablished()) this._renew(this._session, RENEWALS);
  }

  /** The switch must learn by which WebSocket the call is reached now, or its BYE never comes. */
  _renew(session, tries) {
    if (session !== this._session || !session.isEstablished() || tries === 0) return;
    if (!session.renegotiate()) setTimeout(() => this._renew(session, tries - 1), 500);
  }

  _disconnected() {
    if (this._ua === null) return;
    const code = this._socket.code;
    if (code === NO_SESSION || code === TAKEN) {
      const ua = this._ua;
      this._ua = null;
      setTimeout(() => ua.stop());
      this._line(code === TAKEN ? "taken" : "expired");
    } else {
      this._line("lost");
    }
  }

  _otherMicrophone() {
    const sender = this._session?.connection?.getSenders().find((one) => one.track?.kind === "audio");
    if (!sender || this._stream === null) return;
    const before = this._stream;
    this._stream = this._microphone.copy();
    const track = this._stream.getAudioTracks()[0];
    track.enabled = !this.call.muted;
    sender.replaceTrack(track).finally(() => before.getTracks().forEach((old) => old.stop()));
  }

  _line(state) {
    if (state === this.line) return;
    this.line = state;
    this._changed();
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function random() {
  const digits = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(digits, (digit) => digit.toString(16).padStart(2, "0")).join("");
}
