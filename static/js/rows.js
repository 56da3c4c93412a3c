/* Rows of lists: a click anywhere opens one, J and K walk them. */

/** The whole row of a list opens what its link opens. */
function onListClick(event) {
  if (event.target.closest("a, button, input, label, summary") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!getSelection().isCollapsed) return;
  event.target.closest("[data-rows] > *")?.querySelector("[data-open], th a")?.click();
}

/** Moves to the next (1) or previous (-1) row of the list on this page; false when there is none. */
export function moveRow(step) {
  const links = [...document.querySelectorAll("[data-rows] > *")].map((row) => row.querySelector("[data-open], th a")).filter(Boolean);
  const at = links.findIndex((link) => link.closest("[data-rows] > *").contains(document.activeElement));
  const next = links[at < 0 ? 0 : at + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return Boolean(next);
}

/** Wires the lists that are not wired yet. */
export function prepare() {
  for (const list of document.querySelectorAll("[data-rows]:not([data-ready])")) {
    list.dataset.ready = "";
    list.addEventListener("click", onListClick);
  }
}
