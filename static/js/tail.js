/* The live tail: rows that match come in by themselves, at most five a second. The server evaluates the
   query; the socket only says that something arrived. It rests where rows that move would be in the way. */
const EVERY_MS = 1000;
const GATHER_MS = 600;  // what arrives together is shown together
const IDLE_MS = Number(document.documentElement.dataset.idleMs) || 600_000;
const MOST_ROWS = 200;  // that the tail adds; older ones of them leave

let on = false;
let since = "";
let newest = "";
let timer = 0;
let busy = false;
let again = false;
let lastAt = 0;
let picked = 0;
let activeAt = Date.now();
let why = "";

const tail = () => document.querySelector("[data-tail]");
const body = () => document.querySelector("[data-rows]");
const scroller = () => document.querySelector(".tls");

function reason() {
  if (document.hidden) return "while this tab is hidden";
  if (picked) return "while rows are selected";
  if ((scroller()?.scrollTop ?? 0) > 8) return "while you read further down";
  if (Date.now() - activeAt > IDLE_MS) return "after 10 minutes without a key or click";
  return "";
}

/** Where the next look begins; `[data-since]` says that what arrives from now on will be shown. */
function begin(place) {
  since = place;
  if (since) tail().dataset.since = since;
  else delete tail()?.dataset.since;
}

function say(text) {
  const place = tail()?.querySelector("[data-tail-said]");
  if (place && place.textContent !== text) place.textContent = text;
}

/** The line "37 new traces" counts from the newest row on, and only while the tail does not run. */
function drawNews() {
  const news = document.getElementById("news");
  if (!news) return;
  const runs = on && !why;
  if (runs) {
    delete news.dataset.live;
    news.classList.add("none");
  } else if (news.dataset.live === undefined) {
    const fresh = news.cloneNode(false);
    fresh.dataset.live = "traces";
    if (newest) fresh.setAttribute("hx-get", fresh.getAttribute("hx-get").replace(/above=[^&]*/, `above=${encodeURIComponent(newest)}`));
    news.replaceWith(fresh);
    window.htmx.process(fresh);
    fresh.dispatchEvent(new CustomEvent("changed:traces"));
  }
}

function check() {
  if (!on) return;
  const now = reason();
  if (now === why) return;
  why = now;
  if (why) say(`Live tail paused ${why}`);
  else {
    begin("");  // what came meanwhile waits behind "new traces"
    say("Live");
    look();
  }
  drawNews();
}

async function look() {
  if (busy) { again = true; return; }
  if (!on || why || !tail()) return;
  busy = true;
  again = false;
  lastAt = Date.now();
  const address = new URL(tail().dataset.tail, location.href);
  if (since) address.searchParams.set("since", since);
  try {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) throw new Error(String(answer.status));
    begin(answer.headers.get("X-Tail-Since"));
    const shown = Number(answer.headers.get("X-Tail-Shown"));
    if (shown && on && !why) add(await answer.text(), shown, answer.headers);
  } catch {
    say("Live tail paused, retrying");
    later(5 * EVERY_MS);
  }
  busy = false;
  if (again) later(EVERY_MS);
}

function add(html, shown, headers) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const list = body();
  if (!list) return;
  const rows = [...box.content.querySelectorAll("tr")];
  for (const row of rows) {
    list.querySelector(`tr[data-id="${CSS.escape(row.dataset.id)}"]`)?.remove();
    row.dataset.tailed = "";
  }
  list.prepend(...rows);
  for (const old of [...list.querySelectorAll("tr[data-tailed]")].slice(MOST_ROWS)) old.remove();
  newest = headers.get("X-Tail-Newest") || newest;
  window.htmx.process(list);
  list.dispatchEvent(new CustomEvent("rows-added", { bubbles: true }));
  const matched = headers.get("X-Tail-Matched");
  say(matched === String(shown) ? "Live" : `Live, showing ${shown} of ${matched}`);
}

function later(wait) {
  timer ||= setTimeout(() => { timer = 0; look(); }, Math.max(wait, lastAt + EVERY_MS - Date.now(), 0));
}

function turn(next) {
  on = next;
  why = "";
  begin("");
  const control = tail()?.querySelector("[data-tail-switch]");
  control?.setAttribute("aria-pressed", String(on));
  say(on ? "Live" : "");
  if (on) { activeAt = Date.now(); check(); if (!why) look(); }
  drawNews();
}

/** Shows the switch, also on a list that was drawn anew; a running tail goes on. */
export function prepare() {
  const place = tail();
  if (!place || place.dataset.ready !== undefined) return;
  place.dataset.ready = "";
  place.hidden = false;
  place.addEventListener("changed:traces", () => { if (on && !why) later(GATHER_MS); });
  place.querySelector("[data-tail-switch]").addEventListener("click", () => turn(!on));
  scroller()?.addEventListener("scroll", check, { passive: true });
  newest = "";
  if (on) turn(true);
}

document.addEventListener("picked", (event) => { picked = event.detail; check(); });
document.addEventListener("visibilitychange", check);
for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, () => { activeAt = Date.now(); check(); }, { passive: true });
setInterval(check, 5000);
