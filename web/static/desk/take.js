// "I'll take a call": the phone of this page first, then the server makes ready and has a caller ring.

const REGISTERS_MS = 15000;

/** `phone` is on or coming, null for a SIP phone; what the server told: "" if a caller is on the way. */
export async function takeCall(phone, csrf) {
  if (phone !== null && !(await registered(phone))) return "practice_no_phone";
  try {
    const answer = await fetch("/desk/call", { method: "POST", headers: { Accept: "application/json", "X-CSRF-Token": csrf } });
    const { told, error } = await answer.json();
    return told ?? error ?? "floor_away";
  } catch {
    return "floor_away";
  }
}

function registered(phone) {
  return new Promise((go) => {
    const over = (ready) => {
      clearTimeout(timer);
      phone.removeEventListener("change", look);
      go(ready);
    };
    const look = () => phone.line === "ready" && over(true);
    const timer = setTimeout(() => over(phone.line === "ready"), REGISTERS_MS);
    phone.addEventListener("change", look);
    look();
  });
}
