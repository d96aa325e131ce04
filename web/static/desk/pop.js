// The middle of the desk: the screen pop of one contact and its form. The server draws it; this fetches and binds it.

import { Drafts } from "./drafts.js";

const TRIES = 30; // the rows of a new contact may come a moment after the news of it
const SOON_MS = [25, 50, 75, 100]; // mostly a few milliseconds: who rings is to be read while it rings
const PAUSE_MS = 150;
const LOOK_MS = 300; // for a scorecard: it comes within three seconds
const LOOKS = 200;

/** `section` holds it; `say(text, loud)` speaks to the reader. Events: "finished", "refused" (detail: error id). */
export class PopUp extends EventTarget {
  constructor(section, csrf, words) {
    super();
    this._section = section;
    this._csrf = csrf;
    this._words = words;
    this._drafts = null;
    this._loading = null;
    this.coming = null; // the contact that is being fetched
    this._bind();
  }

  /** The contact that is shown; "" for none. */
  get contact() {
    return this._section.querySelector("article")?.dataset.contact ?? "";
  }

  get writable() {
    return ["owner", "former"].includes(this._section.querySelector("article")?.dataset.partIn);
  }

  /** Show this contact; `writing`: not before it can be written on, if that comes within two seconds. */
  async show(contact, { writing = false, query = "" } = {}) {
    const ours = (this._loading = Symbol("the newest wish"));
    this.coming = contact;
    try {
      await this._show(ours, contact, writing, query);
    } finally {
      if (this._loading === ours) this.coming = null;
    }
  }

  async _show(ours, contact, writing, query) {
    if (contact === this.contact) await this._drafts?.flush();
    for (let left = TRIES; left > 0 && this._loading === ours; left -= 1) {
      const made = await this._fetch(contact, query);
      if (this._loading !== ours) return;
      if (made !== null) {
        const found = made.querySelector("article");
        const there = (found?.dataset.contact ?? "") === contact;
        const enough = !writing || contact === "" || ["owner", "former"].includes(found?.dataset.partIn);
        if ((there && enough) || (left === 1 && there)) {
          this._put(made);
          return;
        }
        if (there && this.contact !== contact) this._put(made);
      }
      await new Promise((go) => setTimeout(go, SOON_MS[TRIES - left] ?? PAUSE_MS));
    }
  }

  /** The scorecard of a call that is written up: looked for until it is there, or something else is to be shown. */
  async mark(contact) {
    const ours = (this._loading = Symbol("the newest wish"));
    this.coming = null;
    for (let left = LOOKS; left > 0; left -= 1) {
      const { made, status } = await this._part(`/desk/score/${encodeURIComponent(contact)}`);
      if (this._loading !== ours) return;
      const state = made?.querySelector(".score")?.dataset.state;
      if (state === "none" || (status >= 400 && status < 500)) {
        await this.show("");
        return;
      }
      const shown = this._section.querySelector(".score");
      if (made !== null && !(shown?.dataset.state === state && shown.dataset.contact === contact)) this._put(made);
      if (state === "graded" || state === "failed") {
        this.dispatchEvent(new Event("graded"));
        return;
      }
      await new Promise((go) => setTimeout(go, LOOK_MS));
      if (this._loading !== ours) return;
    }
  }

  /** Save the form; `finish`: and end the write-up. */
  async submit(finish) {
    const form = this._section.querySelector("#form");
    if (form === null || !this.writable) return false;
    await this._drafts?.flush();
    const data = new FormData(form);
    data.set("then", finish ? "finish" : "save");
    if (finish && this._faulty) data.set("anyway", "1");
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data), headers: { "X-CSRF-Token": this._csrf } });
    } catch {
      this._tell("unsaved");
      return false;
    }
    if (!answer.ok) {
      this._tell("not_kept");
      return false;
    }
    const asked = new URL(answer.url).searchParams;
    this._drafts?.close({ forget: true });
    if (finish && asked.has("faulty")) {
      await this.show(this.contact);
      this._faulty = true;
      this._section.querySelector('[data-part="faulty"]').hidden = false;
      return false;
    }
    if (asked.has("told")) {
      await this.show(this.contact);
      this.dispatchEvent(new CustomEvent("refused", { detail: asked.get("told") }));
      return false;
    }
    if (finish) this.dispatchEvent(new Event("finished"));
    else {
      await this.show(this.contact);
      this._tell("saved");
    }
    return true;
  }

  async _fetch(contact, query) {
    return (await this._part(`/desk?part=pop&contact=${encodeURIComponent(contact || "none")}${query}`)).made;
  }

  /** A page's part; null in `made` if it could not be had. */
  async _part(path) {
    try {
      const answer = await fetch(path, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) return { made: null, status: answer.status };
      const made = document.createElement("template");
      made.innerHTML = await answer.text(); // our own page's part
      return { made: made.content, status: answer.status };
    } catch {
      return { made: null, status: 0 };
    }
  }

  _put(made) {
    const field = document.activeElement;
    const within = this._section.contains(field);
    const { id, selectionStart, selectionEnd } = field ?? {};
    this._drafts?.close();
    this._section.replaceChildren(made);
    this._bind();
    const again = within && id ? document.getElementById(id) : null;
    again?.focus();
    if (selectionStart != null) again?.setSelectionRange?.(selectionStart, selectionEnd); // who types goes on there
  }

  _bind() {
    this._faulty = false;
    const form = this._section.querySelector("#form");
    this._drafts = null;
    if (form === null) return;
    if (this.writable) this._drafts = new Drafts(form, this._csrf, (what, body) => this._tell(what, body));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(event.submitter?.value === "finish");
    });
    this._section.querySelector("#choose")?.addEventListener("submit", async (event) => {
      event.preventDefault();
      const data = new FormData(event.target, event.submitter);
      await this._drafts?.flush();
      await fetch(event.target.action, { method: "POST", body: new URLSearchParams(data), headers: { "X-CSRF-Token": this._csrf } }).catch(() => {});
      this.show(this.contact);
    });
  }

  _tell(what, body) {
    const place = this._section.querySelector('[data-part="kept"]');
    if (place === null) return;
    const text = this._words[what] ?? "";
    place.textContent = text.replace("%(why)s", body?.error ?? "");
    place.classList.toggle("fault", what === "unsaved" || what === "not_kept");
    if (!body?.asked) return;
    for (const field of this._section.querySelectorAll("[data-field]")) {
      field.hidden = !body.asked.includes(field.dataset.field);
      field.querySelector(".fault").textContent = body.faults[field.dataset.field] ?? "";
    }
  }
}
