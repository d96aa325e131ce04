// A message that is played has been heard: told once, and the page shows it.

for (const sound of document.querySelectorAll("tr[data-message] audio")) {
  sound.addEventListener("play", () => heard(sound.closest("tr")), { once: true });
}

async function heard(row) {
  const mark = row.querySelector('[data-part="new"]');
  if (mark === null) return;
  const csrf = row.querySelector('[name="csrf"]').value;
  try {
    const answer = await fetch(`/mailbox/${row.dataset.message}/heard`, { method: "POST", headers: { "X-CSRF-Token": csrf } });
    if (!answer.ok) return;
    mark.remove();
    row.classList.remove("new");
  } catch {
    // it stays new
  }
}
