// Order by keys: Alt with an arrow presses the row's own button for that, wherever in the row the cursor is.

const WAYS = { ArrowUp: "up", ArrowDown: "down" };

for (const form of document.querySelectorAll("[data-order]")) {
  form.addEventListener("keydown", (event) => {
    if (!event.altKey || !(event.key in WAYS)) return;
    const row = event.target.closest("[data-row]");
    const button = row?.querySelector(`[data-move="${WAYS[event.key]}"]`);
    if (!button || button.disabled) return;
    event.preventDefault();
    sessionStorage.setItem("ringside.moved", `${WAYS[event.key]} ${row.dataset.row}`);
    button.click();
  });
}

// after the page has come back: the cursor goes with what was moved
const [way, row] = (sessionStorage.getItem("ringside.moved") ?? "").split(" ");
sessionStorage.removeItem("ringside.moved");
if (way) {
  const place = Number(row) + (way === "up" ? -1 : 1);
  const moved = document.querySelector(`[data-order] [data-row="${place}"]`);
  moved?.querySelector("input:not([type=hidden]), a")?.focus();
}
