// The phone without a mouse: function keys, which write nothing into a form, and a headset's own keys.

/** What each key does; a page may give another table. */
export const KEYS = { F2: "answer", F4: "mute", F8: "hold", F9: "hangUp" };

/** Call `act(name)` for each key of `table`; returns a function that ends it. */
export function listen(act, table = KEYS, target = window) {
  const pressed = (event) => {
    const name = table[event.key];
    if (!name || event.repeat || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    act(name);
  };
  target.addEventListener("keydown", pressed);
  return () => target.removeEventListener("keydown", pressed);
}

/** Headset keys, where the browser passes them on: the big one answers or hangs up, as the call is. */
export function headset(act, session = navigator.mediaSession) {
  if (!session) return;
  const actions = { play: "answer", pause: "hangUp", hangup: "hangUp", togglemicrophone: "mute" };
  for (const [key, name] of Object.entries(actions)) {
    try {
      session.setActionHandler(key, () => act(name));
    } catch {
      // This browser does not know the key.
    }
  }
}
