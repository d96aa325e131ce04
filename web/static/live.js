// The floor's figures, as the server tells them. Without this script the page still lists the sessions.
"use strict";

const floor = document.getElementById("floor");
const events = new EventSource(floor.dataset.events);

events.addEventListener("floor", (event) => {
  const picture = JSON.parse(event.data);
  floor.hidden = false;
  for (const figure of floor.querySelectorAll("[data-figure]")) {
    figure.textContent = picture[figure.dataset.figure];
  }
});
