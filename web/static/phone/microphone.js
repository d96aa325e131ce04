// The microphone: got once, kept, and given to each call as a copy of its own.

const WISHES = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } };

/** Why there is none: "insecure", "denied", "missing", "busy" or "broken". */
export class MicrophoneError extends Error {
  constructor(kind, cause) {
    super(`no microphone: ${kind}`, { cause });
    this.kind = kind;
  }
}

const KINDS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** Events: "level" (detail 0…1, some ten times a second), "changed" (another device), "lost" (detail: the error). */
export class Microphone extends EventTarget {
  constructor() {
    super();
    this.stream = null;
    this._meter = null;
    this._seek = () => this._again();
  }

  /** Get it, if it is not there. Throws MicrophoneError. */
  async open() {
    if (this.live) return;
    // Outside https and localhost browsers do not even have this.
    if (!navigator.mediaDevices) throw new MicrophoneError("insecure");
    await this._get();
    navigator.mediaDevices.addEventListener("devicechange", this._seek);
  }

  close() {
    navigator.mediaDevices?.removeEventListener("devicechange", this._seek);
    this._release();
  }

  get live() {
    return this.stream !== null && this.stream.getAudioTracks().some((track) => track.readyState === "live");
  }

  get label() {
    return this.stream?.getAudioTracks()[0]?.label ?? "";
  }

  /** A copy for one call: muted and ended without harm to the others. */
  copy() {
    return this.stream.clone();
  }

  async _get() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia(WISHES);
    } catch (error) {
      throw new MicrophoneError(KINDS[error.name] ?? "broken", error);
    }
    this._release();
    this.stream = stream;
    stream.getAudioTracks()[0].addEventListener("ended", this._seek, { once: true });
    this._measure();
  }

  /** Plugged in or out: the system's own choice is taken anew if ours is gone. */
  async _again() {
    if (this.live) return;
    try {
      await this._get();
      this.dispatchEvent(new Event("changed"));
    } catch (error) {
      this._release();
      this.dispatchEvent(new CustomEvent("lost", { detail: error }));
    }
  }

  _measure() {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(this.stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      const level_db = 20 * Math.log10(Math.sqrt(sum / samples.length) + 1e-9);
      // Speech lies between -60 and -10 dB of full scale.
      this.dispatchEvent(new CustomEvent("level", { detail: Math.min(1, Math.max(0, (level_db + 60) / 50)) }));
    }, 100);
    this._meter = () => {
      clearInterval(timer);
      context.close();
    };
  }

  _release() {
    this._meter?.();
    this._meter = null;
    for (const track of this.stream?.getTracks() ?? []) {
      track.removeEventListener("ended", this._seek);
      track.stop();
    }
    this.stream = null;
  }
}
