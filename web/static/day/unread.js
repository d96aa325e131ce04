// The count of messages that wait to be read, kept true in the bar while the page is open.

const EVERY_MS = 20000;

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/messages/unread");
    if (!answer.ok || answer.redirected) return;
    const { unread } = await answer.json();
    for (const place of document.querySelectorAll('[data-part="unread"]')) {
      place.textContent = unread || "";
      place.hidden = unread === 0;
    }
  } catch {
    // the network is away: the next look tells
  }
}

setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);
