/* The list of traces by hand: peeking, excluding by Alt and a click, results in place. */
import { moveRow } from "./rows.js";

const $ = (selector, root = document) => root.querySelector(selector);
const rows = () => [...document.querySelectorAll("[data-rows] > [data-id]")];
const current = () => document.activeElement?.closest?.("[data-rows] > [data-id]") ?? null;

/** Shows a trace beside the list, and says so in the address. */
function peek(row) {
  const address = new URL(location.href);
  address.searchParams.set("peek", row.dataset.id);
  const piece = new URL(address);
  piece.searchParams.set("piece", "peek");
  window.htmx.ajax("GET", piece.pathname + piece.search, { source: row, target: "#peek", swap: "innerHTML" });
  history.replaceState(history.state, "", address);
}

function closePeek() {
  const panel = $("#peek");
  if (!panel?.firstElementChild) return false;
  const id = $("[data-peeked]", panel)?.dataset.peeked;
  panel.replaceChildren();
  const address = new URL(location.href);
  address.searchParams.delete("peek");
  history.replaceState(history.state, "", address);
  rows().find((row) => row.dataset.id === id)?.querySelector("th a")?.focus();
  return true;
}

function follow(step) {
  const panel = $("#peek [data-peeked]");
  if (!panel) return moveRow(step);
  const all = rows();
  const next = all[all.findIndex((row) => row.dataset.id === panel.dataset.peeked) + step];
  if (!next) return true;
  $("th a", next).focus();
  next.scrollIntoView({ block: "nearest" });
  peek(next);
  return true;
}

/** Does what a key asks of the list. */
export function act(key) {
  const peeked = $("#peek [data-peeked]")?.dataset.peeked;
  const row = current() ?? rows().find((one) => one.dataset.id === peeked);
  if (key === "Escape") closePeek();
  else if ("[]jk".includes(key)) follow("]j".includes(key) ? 1 : -1);
  else if (row && key === " ") { if (peeked === row.dataset.id) closePeek(); else peek(row); }
}

/** Results in place of a whole page, for links that only change the list; the query bar follows. */
function swap(href, link) {
  const back = link.closest("#facets") ? "#facets" : '[popovertarget="add-filter"]';
  window.htmx.ajax("GET", href, { source: "#by-link", target: "#results", swap: "outerHTML" }).then(() => {
    if (document.activeElement === document.body) $(back)?.focus({ preventScroll: true });
  });
}

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-stats]")?.closest("[popover]")?.hidePopover();
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest?.("a");
  if (link?.dataset.exclude && event.altKey) {
    event.preventDefault();
    swap(link.dataset.exclude, link);
  } else if (!event.altKey && link?.matches("#facets a, .qc .fchip a, .dchip") && link.pathname === location.pathname) {
    event.preventDefault();
    swap(link.getAttribute("href"), link);
  } else if (event.target.closest?.("[data-unpeek]")) {
    event.preventDefault();
    closePeek();
  } else if (event.target.closest?.("[data-close]")) {
    document.getElementById(event.target.closest("[data-close]").dataset.close).replaceChildren();
  }
});

document.addEventListener("htmx:afterSettle", (event) => {
  const results = $("#results");
  const bar = $("#q");
  if (event.detail.target?.id !== "results" || !results || document.activeElement === bar) return;
  bar.value = results.dataset.q;
});
