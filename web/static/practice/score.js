// The page of a scorecard: while grading is under way it looks again until the card is there.

const PAUSE_MS = 400;
const place = document.getElementById("score");

async function look() {
  if (place.querySelector(".score")?.dataset.state !== "under_way") return;
  try {
    const answer = await fetch(location.pathname + location.search, { headers: { "HX-Request": "true" } });
    if (answer.ok && !answer.redirected) {
      const made = document.createElement("template");
      made.innerHTML = await answer.text(); // our own page's part
      if (made.content.querySelector(".score")?.dataset.state !== "under_way") place.replaceChildren(made.content);
    }
  } catch {
    // the next look comes soon
  }
  setTimeout(look, PAUSE_MS);
}

look();
