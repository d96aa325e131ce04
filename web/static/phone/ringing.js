// The sound of ringing, made here: two tones, one second on and two off.

export class Ringing {
  constructor() {
    this._context = null;
  }

  start() {
    if (this._context !== null) return;
    const context = new AudioContext();
    const gain = context.createGain();
    gain.gain.value = 0;
    gain.connect(context.destination);
    for (const pitch_hz of [440, 480]) {
      const tone = context.createOscillator();
      tone.frequency.value = pitch_hz;
      tone.connect(gain);
      tone.start();
    }
    for (let second = 0; second < 180; second += 3) {
      gain.gain.setValueAtTime(0.1, context.currentTime + second);
      gain.gain.setValueAtTime(0, context.currentTime + second + 1);
    }
    this._context = context;
  }

  stop() {
    this._context?.close();
    this._context = null;
  }
}
