// A survey that is asked during a call: what is typed outlives a reload, and the questions follow the answers.

const KEPT = "ringside.survey.";

const values = (form) => new URLSearchParams([...new FormData(form)].filter(([name]) => name.startsWith("f.")));

/** A form that has just come: bring back what was typed and not sent; what is kept on the server is forgotten here. */
function begin(form) {
  if (form.dataset.begun) return;
  form.dataset.begun = "1";
  const key = KEPT + form.dataset.survey;
  if (form.dataset.kept) localStorage.removeItem(key);
  const typed = new URLSearchParams(localStorage.getItem(key) ?? "");
  if (typed.size === 0) return;
  for (const field of form.querySelectorAll('[name^="f."]')) {
    if (field.type === "checkbox") field.checked = typed.getAll(field.name).includes(field.value);
    else if (typed.has(field.name)) field.value = typed.get(field.name);
  }
  look(form);
}

/** Ask the server what is asked after these answers; what stands in the boxes is not touched. */
async function look(form) {
  try {
    const answer = await fetch(`${form.getAttribute("action")}?${values(form)}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    const made = document.createElement("template");
    made.innerHTML = await answer.text(); // our own page's part
    for (const field of form.querySelectorAll("[data-field]")) {
      const fresh = made.content.querySelector(`[data-field="${CSS.escape(field.dataset.field)}"]`);
      if (fresh === null) continue;
      field.hidden = fresh.hidden;
      field.querySelector(".fault").textContent = fresh.querySelector(".fault").textContent;
    }
  } catch {
    // saving tells
  }
}

const survey = (event) => event.target.closest?.("form[data-survey]");

document.addEventListener("input", (event) => {
  const form = survey(event);
  if (form) localStorage.setItem(KEPT + form.dataset.survey, values(form).toString());
});
document.addEventListener("change", (event) => {
  const form = survey(event);
  if (form) look(form);
});
const all = () => document.querySelectorAll("form[data-survey]").forEach(begin);
document.addEventListener("htmx:afterSettle", all);
all();
