"use strict";
(() => {
  // One section at a time, named by the address's fragment; without this script all of them stand below each other.
  const sections = [...document.querySelectorAll("main > section")];
  const links = [...document.querySelectorAll("nav a")];

  function show() {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { /* a broken fragment names nothing */ }
    const target = id ? document.getElementById(id) : null;
    const section = (target && target.closest("main > section")) || sections[0];
    for (const one of sections) one.classList.toggle("shown", one === section);
    for (const link of links) {
      if (link.hash === "#" + section.id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (target && target !== section) target.scrollIntoView();
    else if (target) { window.scrollTo(0, 0); section.focus({ preventScroll: true }); }
    if (section.id === "overview") draw();
    for (const audio of section.querySelectorAll("audio")) audio.preload = "metadata"; // so that its length is shown
  }

  // Charts are drawn once they can be seen: a hidden element has no width.
  let drawn = false;
  function draw() {
    const figures = document.getElementById("figures");
    if (!figures || typeof Plotly === "undefined") return;
    if (drawn) { // the window may have changed meanwhile
      for (const place of document.querySelectorAll(".chart")) Plotly.Plots.resize(place);
      return;
    }
    drawn = true;
    for (const [name, figure] of Object.entries(JSON.parse(figures.textContent))) {
      const place = document.getElementById("chart-" + name);
      if (place) Plotly.newPlot(place, figure.data, figure.layout, { displayModeBar: false, responsive: true });
    }
  }

  // A clip plays from its first to its last second and stops there.
  let playing = null; // {button, audio, to, timer}
  function stop() {
    if (!playing) return;
    const { button, audio, timer } = playing;
    playing = null;
    clearInterval(timer);
    audio.pause();
    button.setAttribute("aria-pressed", "false");
  }

  function watch() {
    if (!playing) return;
    const { audio, to } = playing;
    if (audio.currentTime >= to || audio.ended) stop();
  }

  function begin(button) {
    const audio = document.getElementById(button.dataset.audio);
    for (const other of document.querySelectorAll("audio")) other.pause();
    const from = Number(button.dataset.from);
    const mine = { button, audio, to: Number(button.dataset.to), timer: 0 };
    playing = mine;
    button.setAttribute("aria-pressed", "true");
    const start = () => {
      if (playing !== mine) return;
      audio.currentTime = from;
      audio.play().then(() => { if (playing === mine) mine.timer = setInterval(watch, 40); }, () => { if (playing === mine) stop(); });
    };
    if (audio.readyState >= 1) start();
    else {
      audio.addEventListener("loadedmetadata", start, { once: true });
      audio.addEventListener("error", () => { if (playing === mine) stop(); }, { once: true });
      audio.preload = "auto";
      audio.load();
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.clip");
    if (!button) return;
    const same = playing && playing.button === button;
    stop();
    if (!same) begin(button);
  });
  document.addEventListener("play", (event) => {
    if (playing && playing.audio !== event.target) stop();
    for (const other of document.querySelectorAll("audio")) if (other !== event.target) other.pause();
  }, true);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });

  document.documentElement.classList.add("paged");
  window.addEventListener("hashchange", show);
  window.addEventListener("beforeprint", draw);
  // The browser goes to the fragment by itself once all is loaded: a section is then shown from the page's top again.
  window.addEventListener("load", () => setTimeout(show, 0));
  show();
})();
