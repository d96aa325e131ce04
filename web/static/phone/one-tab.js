// One tab at a time is the phone: a second one would silently take the registration from the first.

const NAME = "ringside-phone";
let ours = false;

/** Take the phone for this tab until it is closed. False: another tab has it. */
export function take(lock = navigator.locks) {
  if (ours || !lock) return Promise.resolve(true); // not there on plain http, where there is no microphone either
  return new Promise((told) => {
    lock.request(NAME, { ifAvailable: true }, (got) => {
      ours = got !== null;
      told(ours);
      return got === null ? undefined : new Promise(() => {});
    });
  });
}

/** Wait until the tab that has it is closed; then it is ours. */
export function wait(lock = navigator.locks) {
  return new Promise((told) => {
    lock.request(NAME, () => {
      ours = true;
      told();
      return new Promise(() => {});
    });
  });
}
