/* The command palette: a dialog with a combobox. The server finds, this moves and opens. */
const dialog = document.getElementById("palette");
const field = document.getElementById("palette-q");
const list = document.getElementById("palette-list");
const said = dialog.querySelector("[data-palette-said]");
const ACTS = {
  "theme-light": '[data-theme-switch] [value="light"]',
  "theme-dark": '[data-theme-switch] [value="dark"]',
  "theme-system": '[data-theme-switch] [value="system"]',
  shortcuts: '[commandfor="shortcuts"]',
  tail: "[data-tail-switch]",
  "save-view": '[commandfor="view-save"]',
};

let asked = 0;
let timer = 0;

const options = () => [...list.querySelectorAll('[role="option"]')];
const current = () => list.querySelector('[aria-selected="true"]');

function mark(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else field.removeAttribute("aria-activedescendant");
}

async function find() {
  const number = ++asked;
  const address = `${dialog.dataset.find}?q=${encodeURIComponent(field.value)}`;
  let text = "";
  try {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) throw new Error(String(answer.status));
    text = await answer.text();
  } catch {
    if (number === asked) said.textContent = "The server could not be asked. Type again to retry.";
    return;
  }
  if (number !== asked) return;  // something else was typed meanwhile
  list.innerHTML = text;
  for (const option of options()) if (option.dataset.act && !document.querySelector(ACTS[option.dataset.act] ?? "never")) option.remove();
  mark(options()[0]);
  const count = options().length;
  said.textContent = count ? `${count} found. Enter opens, Escape closes.` : "Nothing is called that. Try an id, a user, or words of an answer.";
}

function take(option, isNew) {
  if (!option) return;
  if (option.dataset.href) {
    if (isNew) open(option.dataset.href, "_blank", "noopener");
    else location.assign(option.dataset.href);
    return;
  }
  dialog.close();
  document.querySelector(ACTS[option.dataset.act])?.click();
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(find, 80);
});
field.addEventListener("keydown", (event) => {
  const all = options();
  const at = all.indexOf(current());
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: event.ctrlKey ? 0 : undefined, End: event.ctrlKey ? all.length - 1 : undefined }[event.key];
  if (next !== undefined && all.length) {
    event.preventDefault();
    mark(all[(next + all.length) % all.length]);
  } else if (event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    take(current(), event.ctrlKey || event.metaKey);
  }
});
list.addEventListener("click", (event) => take(event.target.closest('[role="option"]'), event.ctrlKey || event.metaKey));

/** Opens it, empty; a second time it closes. */
export function toggle() {
  if (dialog.open) { dialog.close(); return; }
  document.querySelector("dialog.drawer[open]")?.close();
  if (document.querySelector("dialog[open]")) return;
  field.value = "";
  list.replaceChildren();
  said.textContent = "";
  dialog.showModal();
  field.focus();
  find();
}
