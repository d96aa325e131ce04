// One customer's record: tells the others in which field we are, and that we have left.

const path = location.pathname;
const csrf = document.querySelector('input[name="csrf"]')?.value ?? "";

document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.id === "here") detail.parameters.set("field", document.activeElement?.form?.id === "record" ? document.activeElement.name : "");
});

addEventListener("pagehide", () => {
  fetch(`${path}/left`, { method: "POST", keepalive: true, headers: { "X-CSRF-Token": csrf } }).catch(() => {});
});
