/* Entry of the page's script: what every page needs at once. The rest loads when a page has use for it,
   so that the first load stays within its eight requests. Nothing here is needed to read or to submit. */

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => root.querySelectorAll(selector);

const page = document.documentElement;

const loaded = new Promise((resolve) => {
  if (document.readyState === "complete") resolve();
  else addEventListener("load", resolve, { once: true });
  addEventListener("keydown", resolve, { once: true });  // whoever has begun waits for no picture
});

/* ---- parts of the script, each in its file. <html data-ready> says that all this page has use for are here ---- */
const PARTS = {
  brush: () => import("./brush.js"),
  chart: () => import("./chart.js"),
  histogram: () => import("./histogram.js"),
  list: () => import("./list.js"),
  live: () => import("./live.js"),
  palette: () => import("./palette.js"),
  panel: () => import("./panel.js"),
  query: () => import("./query.js"),
  rollout: () => import("./rollout.js"),
  rows: () => import("./rows.js"),
  select: () => import("./select.js"),
  shortcuts: () => import("./shortcuts.js"),
  tail: () => import("./tail.js"),
  tree: () => import("./tree.js"),
};
const here = {};
let coming = 1;  // the first look at the page

/** Does something with a part of the script: at once where it is here, else as soon as it is. */
function use(name, act = (part) => part.prepare?.()) {
  if (here[name]) return act(here[name]);
  coming += 1;
  delete page.dataset.ready;
  PARTS[name]().then((part) => { here[name] = part; act(part); }).finally(arrived);
}

function arrived() {
  coming -= 1;
  if (!coming) page.dataset.ready = "";
  while (!coming && waiting.length) press(waiting.shift());
}

/* ---- keys that come before the part that knows them wait for it, in their order ---- */
const WAITS_MS = 3000;  // later nobody means it any more
const WALKED = '[role="tree"], [data-bars], [data-brush]';  // with keys that otherwise scroll
const waiting = [];

const isTyping = (element) => element.isContentEditable || element.matches("input:not([type=checkbox], [type=radio]), textarea, select");

function hold(event) {
  const { key = "", target } = event;
  if (!coming || !event.isTrusted || event.altKey || page.dataset.shortcuts === "off") return;
  if (isTyping(target) || $("dialog[open], [popover]:popover-open")) return;
  const isHeld = event.ctrlKey || event.metaKey
    ? key === "k" && $("#palette")
    : /^(\S|Escape)$/u.test(key) || (/^( |Enter|Home|End|Arrow\w+)$/.test(key) && (waiting.length || target.closest(WALKED)));
  if (!isHeld) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  waiting.push(event);
}

/** Presses a key that has waited, where the focus is by now. */
function press({ key, shiftKey, ctrlKey, metaKey, timeStamp }) {
  const element = document.activeElement ?? document.body;
  if (performance.now() - timeStamp > WAITS_MS) return;
  if (isTyping(element) && key.length === 1) document.execCommand("insertText", false, key);
  else if (element.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, ctrlKey, metaKey, bubbles: true, cancelable: true })) && /^(Enter| )$/.test(key)) element.click();
}
document.addEventListener("keydown", hold, true);

/* ---- print: what the page shows by now stands above it ---- */
addEventListener("beforeprint", () => {
  const words = (selector) => { const at = $(selector); return (at?.value || at?.textContent || "").trim(); };
  const told = (name, text) => { const part = $(`[data-print="${name}"]`); if (part) part.textContent = text; };
  const query = words("#q");
  told("scope", [words('[popovertarget="env"]'), words("#range-button"), query && `query ${query}`].filter(Boolean).join(" · "));
  told("at", `Printed ${new Date().toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "long" })}`);
  told("address", location.href);
});

/** Tells assistive tech what happened, in the page's one polite region. */
function say(text) {
  const region = $("#said");
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = text; });
}

/* ---- times: the server writes UTC, the reader sees their zone ---- */
const DAY = 86_400_000;
const part = (options) => new Intl.DateTimeFormat("en-GB", options);
const clock = part({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const short = part({ hour: "2-digit", minute: "2-digit" });
const day = part({ day: "numeric", month: "short" });
const full = part({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });
const zone = full.formatToParts(new Date()).find((piece) => piece.type === "timeZoneName").value;

function relative(at) {
  const seconds = Math.trunc((Date.now() - at) / 1000);
  const distance = Math.abs(seconds);
  if (distance * 1000 >= DAY) return `${day.format(at)}, ${short.format(at)} ${zone}`;
  if (distance < 60) return "just now";
  const unit = distance < 3600 ? `${Math.trunc(distance / 60)} m` : `${Math.trunc(distance / 3600)} h`;
  return seconds > 0 ? `${unit} ago` : `in ${unit}`;
}

const written = {
  relative,
  clock: (at) => (at.toDateString() === new Date().toDateString() ? clock.format(at) : `${day.format(at)} ${short.format(at)}`),
  day: (at) => day.format(at),
  short: (at) => short.format(at),
  full: (at) => full.format(at),
};

function localise(root) {
  for (const element of $$("time[data-time]", root)) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    element.textContent = (written[element.dataset.time] ?? written.full)(at);
    element.title = `${full.format(at)}, ${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  }
  for (const element of $$("[data-zone]", root)) element.textContent = zone;
}

setInterval(() => {
  for (const element of $$('time[data-time="relative"]')) element.textContent = relative(new Date(element.dateTime));
}, 30_000);

/* ---- copy ---- */
async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Over plain http the clipboard interface is missing; an installation on a private network has that.
  const field = document.createElement("textarea");
  field.value = text;
  (document.activeElement?.closest("dialog") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("refused");
}

/** Copies and says so, on the button and to assistive tech. */
async function copy(text, button) {
  const word = button && $("[data-word]", button);
  const before = word?.textContent;
  let result = "Copied";
  try { await copyText(text); } catch { result = "Not allowed"; }
  button?.focus({ preventScroll: true });
  say(result);
  if (!word || before === result) return;
  word.textContent = result;
  setTimeout(() => { word.textContent = before; }, 2000);
}

/* ---- theme and other choices kept in a cookie by the server ---- */
function keepTheme(form, button) {
  if (button.value === "system") delete page.dataset.theme;
  else page.dataset.theme = button.value;
  for (const other of $$('[data-theme-switch] [name="theme"]')) other.setAttribute("aria-pressed", other.value === button.value);
  document.dispatchEvent(new CustomEvent("theme"));
  const body = new FormData(form, button);
  fetch(form.action, { method: "POST", body, keepalive: true, headers: { "X-Requested-With": "fetch" } });
}

/* ---- range of time: one text field without script, two local dates with it ---- */
const asField = (at) => new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
const asUtc = (at) => `${at.toISOString().slice(0, 16)}Z`;

function upgradeRange(form) {
  const text = $('[name="t"]', form);
  const said = $("[id$=-utc]", form);
  const [from, to] = text.value.includes("..") ? text.value.split("..").map((end) => new Date(end)) : [new Date(Date.now() - DAY), new Date()];
  const fields = [["From", from], ["To", to]].map(([word, at], index) => {
    const label = document.createElement("label");
    const field = document.createElement("input");
    field.type = "datetime-local";
    field.className = "field num";
    field.required = true;
    field.id = `${text.id}-${index}`;
    if (!Number.isNaN(at.getTime())) field.value = asField(at);
    label.htmlFor = field.id;
    label.textContent = `${word}, ${zone}`;
    const box = document.createElement("div");
    box.className = "fld";
    box.append(label, field);
    text.parentElement.before(box);
    return field;
  });
  text.parentElement.firstElementChild.remove();
  text.type = "hidden";
  const write = () => {
    const ends = fields.map((field) => field.valueAsDate ?? new Date(field.value));
    const bad = fields.some((field) => !field.value) || new Date(fields[0].value) >= new Date(fields[1].value);
    fields[1].setCustomValidity(bad ? "The end must be after the start." : "");
    if (bad || ends.some((end) => Number.isNaN(end.getTime()))) { said.textContent = ""; return; }
    text.value = fields.map((field) => asUtc(new Date(field.value))).join("..");
    said.textContent = `${text.value.replaceAll("T", " ").replaceAll("Z", "").replace("..", " to ")} UTC`;
  };
  for (const field of fields) field.addEventListener("input", write);
  write();
}

/* ---- overlays: native dialog and popover; these lines only fill in for older browsers ---- */
const KNOWS_COMMANDS = "command" in HTMLButtonElement.prototype;
const KNOWS_ANCHORS = CSS.supports("position-area: block-end");

function runCommand(button) {
  const target = document.getElementById(button.getAttribute("commandfor"));
  const command = button.getAttribute("command");
  if (command === "show-modal") target?.showModal();
  else if (command === "close") target?.close();
}

function placePopover(popover) {
  const opener = $(`[popovertarget="${popover.id}"]`);
  if (KNOWS_ANCHORS || !opener) return;
  const box = opener.getBoundingClientRect();
  const left = popover.classList.contains("end-side") ? box.right - popover.offsetWidth : box.left;
  popover.style.left = `${Math.max(8, Math.min(left, innerWidth - popover.offsetWidth - 8))}px`;
  const below = box.bottom + popover.offsetHeight + 8 < innerHeight;
  popover.style.top = `${below ? box.bottom : Math.max(8, box.top - popover.offsetHeight - 8)}px`;
}

function moveInMenu(event) {
  const menu = event.target.closest?.('[role="menu"]');
  if (!menu) return;
  const items = [...$$('[role="menuitem"]', menu)];
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[(next + items.length) % items.length].focus();
}

/* ---- toasts: six seconds, errors until dismissed ---- */
function timeToasts(root) {
  for (const toast of $$("[data-toast]:not([data-stays], [data-timed])", root)) {
    toast.dataset.timed = "";
    setTimeout(() => { if (!toast.matches(":hover, :focus-within")) toast.remove(); }, 6000);
  }
}

/** Shows a toast; `stays` for errors. */
function toast(text, { stays = false } = {}) {
  const box = document.createElement("div");
  box.className = stays ? "toast bad" : "toast";
  box.dataset.toast = "";
  if (stays) { box.dataset.stays = ""; box.setAttribute("role", "alert"); }
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = text;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn ghost sm";
  button.dataset.dismiss = "";
  button.textContent = "Dismiss";
  box.append(words, button);
  $("#toasts")?.append(box);
  timeToasts(document);
}

/* ---- what happens after htmx has swapped a region ---- */
let focused = null;

/** A whole error page does not belong into a region: the region stays, and a toast says what failed. */
function beforeSwap(event) {
  rememberFocus();
  const { xhr, serverResponse } = event.detail;
  if (xhr.status < 400 || !/^\s*<!doctype/i.test(serverResponse)) return;
  event.detail.shouldSwap = false;
  const id = xhr.getResponseHeader("X-Request-Id");
  const why = { 403: "Your role does not allow this.", 404: "This is no longer there." }[xhr.status] ?? "This part could not be loaded.";
  toast(id ? `${why} Request ${id}` : why, { stays: true });
}

function rememberFocus() {
  const element = document.activeElement;
  if (!element || element === document.body) return;  // another swap is on its way: what it remembers holds
  focused = element?.id ? `#${CSS.escape(element.id)}` : element?.dataset.span ? `[data-span="${CSS.escape(element.dataset.span)}"]` : null;
}

function afterSwap(event) {
  const root = event.detail.elt ?? document;
  prepare(root);
  const taker = root.matches?.("[data-takes-focus]") ? root : $("[data-takes-focus]", root);
  if (taker) taker.focus({ preventScroll: true });
  else if (focused && (document.activeElement === document.body || !document.activeElement)) $(focused)?.focus({ preventScroll: true });
  focused = null;
}

/** Makes new content ready: times, toasts, range fields, trees, live regions. */
function prepare(root) {
  localise(root.parentElement ?? root);
  timeToasts(document);
  for (const form of $$("form[data-range]:not([data-ready])", root.parentElement ?? root)) {
    form.dataset.ready = "";
    upgradeRange(form);
  }
  if (isFurnished) furnish();
}

let isFurnished = false;

/** Brings the parts that what is on the page has use for. */
function furnish() {
  isFurnished = true;
  if ($("[role=tree]")) use("tree");
  if ($("[data-brush]")) use("brush");
  if ($("[data-chart]")) use("chart");
  if ($("[data-rows]")) use("rows");
  if ($("[data-rows]")) use("select");
  if ($(".rs")) use("list");
  if ($("[data-tail]")) use("tail");
  if ($("[data-live]")) use("live");
  if ($(".slider[data-for], [data-expires]")) use("rollout");
  if ($("[data-panel]")) use("panel");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button, [data-copy], [data-copy-from]");
  if (!button) return;
  if (button.dataset.copy !== undefined) copy(button.dataset.copy || location.href, button);
  else if (button.dataset.copyFrom) copy(document.getElementById(button.dataset.copyFrom)?.textContent ?? "", button);
  else if (button.dataset.dismiss !== undefined) button.closest("[data-toast]")?.remove();
  else if (!KNOWS_COMMANDS && button.hasAttribute("commandfor")) runCommand(button);
});
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();  // its backdrop
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-switch]") || !event.submitter) return;
  event.preventDefault();
  keepTheme(event.target, event.submitter);
});
document.addEventListener("keydown", moveInMenu);
document.addEventListener("toggle", (event) => {
  if (event.newState !== "open" || !event.target.matches("[popover]")) return;
  placePopover(event.target);
  $('[role="menuitem"]', event.target)?.focus();
}, true);
document.addEventListener("htmx:beforeSwap", beforeSwap);
document.addEventListener("htmx:afterSettle", afterSwap);
document.addEventListener("rows-added", (event) => localise(event.target));
document.addEventListener("htmx:sendError", () => toast("The server could not be reached. Nothing was changed.", { stays: true }));

/* ---- what only some controls need loads when one of them is first touched ---- */
const TOUCHED = { query: "[data-suggest]", histogram: "[data-bars]" };
function onTouch(event) {
  for (const [name, selector] of Object.entries(TOUCHED)) if (event.target.closest?.(selector)) use(name);
}
document.addEventListener("focusin", onTouch);
document.addEventListener("pointerover", onTouch);

prepare(document.body);
loaded.then(() => {
  furnish();
  use("shortcuts", (keys) => keys.start(use, isTyping));
  arrived();
});
