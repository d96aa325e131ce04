// Pages of the records beside the call: loaded by htmx into a panel that covers what is read, never what is typed on.
// Without htmx the links open in a tab of their own, so that the phone of the page lives on.

const panel = document.getElementById("beside");
const body = document.getElementById("beside-body");
const pop = document.getElementById("pop");
let shown = ""; // whose page is in the panel; "" once it was sent off
let before = null;

function show() {
  if (panel.hidden) before = document.activeElement;
  panel.hidden = false;
  const first = body.querySelector("[autofocus]") ?? body.querySelector("input:not([type=hidden]), select, textarea, a, button");
  body.parentElement.scrollTop = 0;
  first?.focus({ preventScroll: true });
}

function hide() {
  if (panel.hidden) return;
  panel.hidden = true; // what was typed stays in it until another page is opened
  if (before?.isConnected) before.focus();
  else pop.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function open(link) {
  if (link.href === shown) show();
  else {
    shown = link.href;
    window.htmx.ajax("GET", link.getAttribute("href"), { target: "#beside-body", swap: "innerHTML" });
  }
}

/** Tickets, orders and who it is may have changed; the form that is typed on is not touched. */
async function refresh() {
  const contact = pop.querySelector("article")?.dataset.contact;
  if (!contact) return;
  try {
    const answer = await fetch(`/desk?part=pop&contact=${encodeURIComponent(contact)}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    const made = document.createElement("template");
    made.innerHTML = await answer.text(); // our own page's part
    if (pop.querySelector("article")?.dataset.contact !== contact) return;
    for (const place of ["header.caller", '[data-part="offers"]', '[data-part="papers"]']) {
      const fresh = made.content.querySelector(place);
      const old = pop.querySelector(place);
      if (fresh && old) old.replaceWith(fresh);
    }
  } catch {
    // the next pop shows it
  }
}

if (window.htmx) {
  document.getElementById("desk").addEventListener("click", (event) => {
    const link = event.target.closest("a[data-beside]");
    if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
  addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
    if (event.key === "Escape" && !panel.hidden) {
      event.preventDefault();
      hide();
    } else if (event.altKey) {
      const link = pop.querySelector(`a[data-letter="${event.code}"]`);
      if (link === null) return;
      event.preventDefault();
      open(link);
    }
  });
  panel.querySelector("[data-close]").addEventListener("click", hide);
  body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === body) show();
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    const { requestConfig, successful } = event.detail;
    if (requestConfig.verb === "get" || !successful || requestConfig.path.endsWith("/here")) return;
    shown = "";
    refresh();
  });
}
