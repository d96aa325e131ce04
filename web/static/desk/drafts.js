// What is typed is saved by itself, field by field. Until the server has it, this browser keeps it.

const PAUSE_MS = 350;
const AGAIN_MS = 1500;
const KEPT = "ringside.typed.";

/** One contact's form. `told` gets "saving", "saved", "unsaved", or "not_kept" with a status, and the answer. */
export class Drafts {
  constructor(form, csrf, told) {
    this._form = form;
    this._contact = form.dataset.contact;
    this._csrf = csrf;
    this._told = told;
    this._waiting = new Map(); // field → { value, at }
    this._timer = null;
    this._sending = null;
    this._over = false;
    form.addEventListener("input", (event) => this._typed(event.target, PAUSE_MS));
    form.addEventListener("change", (event) => this._typed(event.target, 0));
    form.addEventListener("focusin", (event) => this._focused(event.target));
    this._bringBack();
  }

  /** Send now what waits; resolves when all of it is saved, or could not be. */
  async flush() {
    clearTimeout(this._timer);
    while (this._sending !== null) await this._sending;
    if (this._waiting.size > 0) await this._send();
  }

  /** The form is submitted as a whole, or gone: nothing more is sent. */
  close({ forget = false } = {}) {
    this._over = true;
    clearTimeout(this._timer);
    if (forget) localStorage.removeItem(KEPT + this._contact);
  }

  get names() {
    return [...this._waiting.keys()];
  }

  _typed(field, after_ms) {
    if (!field.name || !(field.name.startsWith("f.") || field.name.startsWith("note.")) || field.disabled) return;
    this._waiting.set(field.name, { value: valueOf(this._form, field.name), at: new Date().toISOString() });
    this._keep();
    this._told("saving");
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._go(), after_ms);
  }

  _go() {
    if (this._sending !== null || this._over) return;
    this._sending = this._send().finally(() => {
      this._sending = null;
      if (this._waiting.size > 0 && !this._over) this._timer = setTimeout(() => this._go(), AGAIN_MS);
    });
  }

  async _send() {
    for (const [name, typed] of [...this._waiting]) {
      let answer;
      try {
        answer = await this._post(name, typed);
      } catch {
        this._told("unsaved");
        return;
      }
      const transient = answer.status >= 500 || answer.status === 401;
      if (!answer.ok && transient) {
        this._told("unsaved");
        return;
      }
      if (this._waiting.get(name) === typed) this._waiting.delete(name);
      this._keep();
      const body = await answer.json().catch(() => ({}));
      this._told(answer.ok ? (this._waiting.size > 0 ? "saving" : "saved") : "not_kept", body);
    }
  }

  _post(name, { value, at }) {
    const note = name.startsWith("note.");
    const path = `/api/v1/desk/contacts/${this._contact}/${note ? "note" : "fields"}`;
    const body = note
      ? { [name.slice(5)]: value }
      : { form: this._form.dataset.form, field: name.slice(2), value, at };
    return this._fetch(path, body);
  }

  _focused(field) {
    if (!field.name?.startsWith("f.") || field.disabled) return;
    const body = { form: this._form.dataset.form, field: field.name.slice(2), at: new Date().toISOString() };
    this._fetch(`/api/v1/desk/contacts/${this._contact}/focus`, body).catch(() => {});
  }

  _fetch(path, body) {
    return fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": this._csrf },
      body: JSON.stringify(body),
      keepalive: true,
    });
  }

  _keep() {
    const key = KEPT + this._contact;
    if (this._waiting.size === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify([...this._waiting]));
  }

  /** What an earlier page could not send. */
  _bringBack() {
    let kept = [];
    try {
      kept = JSON.parse(localStorage.getItem(KEPT + this._contact) ?? "[]");
    } catch {
      kept = [];
    }
    for (const [name, typed] of kept) {
      this._waiting.set(name, typed);
      put(this._form, name, typed.value);
    }
    if (this._waiting.size > 0) this._go();
  }
}

/** What stands in a field; several ticks with commas between them. */
export function valueOf(form, name) {
  const fields = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  if (fields[0]?.type !== "checkbox") return fields[0]?.value ?? "";
  return fields.filter((one) => one.checked).map((one) => one.value).join(",");
}

function put(form, name, value) {
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (field.type === "checkbox") field.checked = value.split(",").includes(field.value);
    else field.value = value;
  }
}
