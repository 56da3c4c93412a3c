/* Suggestions below a query bar: fields, then values with counts, asked of the server while one types.
   A combobox with a listbox: arrows choose, Enter or Tab takes, Escape closes. Text is never markup. */

const WAIT_MS = 80;
const OPEN_ENDED = /[:><=.(]$/;  // more follows: no space after it, and the next suggestions at once

function option(one, index, id) {
  const row = document.createElement("div");
  row.setAttribute("role", "option");
  row.id = `${id}-${index}`;
  row.className = "mi";
  row.dataset.text = one.text;
  const label = document.createElement("span");
  label.className = "trunc";
  label.textContent = one.label;
  const detail = document.createElement("span");
  detail.className = "grow trunc faint small";
  detail.textContent = one.detail;
  row.append(label, detail);
  if (one.count) {
    const count = document.createElement("span");
    count.className = "num faint";
    count.textContent = one.count.toLocaleString("en-GB");
    row.append(count);
  }
  return row;
}

class Suggestions {
  constructor(input) {
    this.input = input;
    this.box = document.createElement("div");
    this.box.id = `${input.id}-list`;
    this.box.className = "pop sug";
    this.box.popover = "manual";
    this.box.setAttribute("role", "listbox");
    this.box.setAttribute("aria-label", "Suggestions");
    input.after(this.box);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.box.id })) input.setAttribute(name, value);
    input.addEventListener("input", () => this.soon());
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => this.close());
    input.form?.addEventListener("submit", () => this.close());
    this.box.addEventListener("mousedown", (event) => {
      event.preventDefault();  // the bar keeps the focus
      const row = event.target.closest("[role=option]");
      if (row) this.take(row);
    });
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    this.asked?.abort();
    this.asked = new AbortController();
    const { value, selectionStart } = this.input;
    const at = [...value.slice(0, selectionStart ?? value.length)].length;
    const parameters = new URLSearchParams({ q: value, at });
    try {
      const answer = await fetch(`${this.input.dataset.suggest}?${parameters}`, { signal: this.asked.signal });
      if (!answer.ok) return this.close();
      this.show(await answer.json());
    } catch { /* a later look has taken its place, or the server is away: nothing to suggest */ }
  }

  show(found) {
    if (document.activeElement !== this.input || !found.suggestions.length) return this.close();
    this.found = found;
    this.box.replaceChildren(...found.suggestions.map((one, index) => option(one, index, this.box.id)));
    this.choose(null);
    if (!this.isOpen) this.box.showPopover();
    const place = this.input.parentElement.getBoundingClientRect();
    this.box.style.left = `${place.left}px`;
    this.box.style.top = `${place.bottom}px`;
    this.input.setAttribute("aria-expanded", "true");
  }

  get isOpen() { return this.box.matches(":popover-open"); }

  close() {
    clearTimeout(this.timer);
    this.asked?.abort();
    if (this.isOpen) this.box.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.choose(null);
  }

  choose(row) {
    for (const other of this.box.children) other.setAttribute("aria-selected", String(other === row));
    this.chosen = row;
    if (row) { this.input.setAttribute("aria-activedescendant", row.id); row.scrollIntoView({ block: "nearest" }); }
    else this.input.removeAttribute("aria-activedescendant");
  }

  press(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!this.isOpen) return this.ask();
      const rows = [...this.box.children];
      const at = this.chosen ? rows.indexOf(this.chosen) + step : step > 0 ? 0 : rows.length - 1;
      this.choose(rows[(at + rows.length) % rows.length]);
    } else if (event.key === "Escape" && this.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if ((event.key === "Enter" || event.key === "Tab") && this.isOpen && this.chosen) {
      event.preventDefault();
      this.take(this.chosen);
    } else if (event.key === "Enter") this.close();
  }

  /** Puts the suggestion in place of what was being written; places are characters, not UTF-16 units. */
  take(row) {
    const all = [...this.input.value];
    const rest = all.slice(this.found.end).join("");
    const isDone = !OPEN_ENDED.test(row.dataset.text);
    const before = all.slice(0, this.found.start).join("") + row.dataset.text + (isDone && !rest.startsWith(" ") ? " " : "");
    this.input.value = before + rest;
    this.input.setSelectionRange(before.length, before.length);
    this.close();
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    if (isDone) clearTimeout(this.timer);
  }
}

/** Gives each query bar of the page its suggestions, once. */
export function prepare() {
  for (const input of document.querySelectorAll("input[data-suggest]:not([role=combobox])")) {
    const bar = new Suggestions(input);
    const answered = new URLSearchParams(location.search).get("q") ?? "";
    const isTyped = document.activeElement === input && input.value !== input.defaultValue && input.value !== answered;
    if (isTyped) bar.soon();  // typed before this was here
  }
}
