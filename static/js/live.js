/* One socket for the page. It carries only the names of what changed; each region then fetches its own
   partial, because it says hx-trigger="changed:traces". <html data-connected> says that it hears. */

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
const QUIET_FOR_MS = 3000;  // a restart of the server is not worth a word
const REFUSED = 4000;  // close codes from here on are the server's own: it will not change its mind

let socket = null;
let retryMs = FIRST_RETRY_MS;
let barTimer = 0;
let missed = new Set();  // while the tab was hidden
let wasLost = false;
let leaving = false;
let started = false;

const topics = () => new Set([...document.querySelectorAll("[data-live]")].flatMap((element) => element.dataset.live.split(/\s+/)));

function announce(names) {
  for (const name of names) {
    for (const element of document.querySelectorAll(`[data-live~="${CSS.escape(name)}"]`)) {
      element.dispatchEvent(new CustomEvent(`changed:${name}`, { bubbles: true }));
    }
  }
}

function onMessage(event) {
  const { changed = [] } = JSON.parse(event.data);
  // A hidden tab fetches once when it is looked at again.
  if (document.hidden) for (const name of changed) missed.add(name);
  else announce(changed);
}

function showBar() {
  const place = document.getElementById("live-state");
  if (!place || place.firstChild) return;
  const bar = document.createElement("p");
  bar.className = "quiet";
  bar.textContent = "Live updates paused, retrying";
  place.append(bar);
}

function hideBar() {
  clearTimeout(barTimer);
  barTimer = 0;
  document.getElementById("live-state")?.replaceChildren();
}

function connect() {
  const project = document.querySelector("[data-project]")?.dataset.project;
  if (!project || socket) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/ws/p/${encodeURIComponent(project)}`);
  socket.addEventListener("open", () => {
    document.documentElement.dataset.connected = "";
    retryMs = FIRST_RETRY_MS;
    hideBar();
    if (wasLost) announce(topics());  // whatever was said meanwhile was missed
    wasLost = false;
  });
  socket.addEventListener("message", onMessage);
  socket.addEventListener("close", (event) => {
    delete document.documentElement.dataset.connected;
    socket = null;
    if (event.code >= REFUSED || leaving) return;
    wasLost = true;
    barTimer ||= setTimeout(showBar, QUIET_FOR_MS);
    setTimeout(connect, retryMs * (0.75 + Math.random() / 2));
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  });
}

/** Opens the socket once; later calls do nothing. */
export function prepare() {
  if (started) return;
  started = true;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    announce(missed);
    missed = new Set();
  });
  // An open socket keeps the page out of the back/forward cache.
  addEventListener("pagehide", () => { leaving = true; socket?.close(); });
  addEventListener("pageshow", (event) => {
    leaving = false;
    if (!event.persisted) return;
    wasLost = true;
    connect();
  });
  connect();
}
