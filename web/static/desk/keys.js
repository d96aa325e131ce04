// The list of all keys: F1 anywhere, or ? where nothing is being typed, or its button. Escape leads back.

const list = document.getElementById("keys");
const typing = (place) => place.matches("input, select, textarea");

function opens(event) {
  if (event.repeat || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return false;
  return event.key === "F1" || (event.key === "?" && !typing(event.target));
}

function toggle() {
  if (list.open) list.close();
  else list.showModal(); // what had the focus gets it back when the list is closed
}

addEventListener("keydown", (event) => {
  if (!opens(event)) return;
  event.preventDefault();
  toggle();
});
for (const button of document.querySelectorAll("[data-keys]")) {
  button.hidden = false;
  button.addEventListener("click", toggle);
}
