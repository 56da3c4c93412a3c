/* The span tree, walked with keys: one tab stop, arrows move and fold. */

const level = (row) => Number(row.getAttribute("aria-level"));
const rowsOf = (tree) => [...tree.querySelectorAll('[role="treeitem"]')];
const shown = (rows) => rows.filter((row) => !row.hidden);

function focusRow(row) {
  if (!row) return false;
  const tree = row.closest('[role="tree"]');
  for (const other of tree.querySelectorAll('[role="treeitem"][tabindex="0"]')) other.tabIndex = -1;
  row.tabIndex = 0;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function select(row) {
  for (const other of row.closest('[role="tree"]').querySelectorAll("[aria-selected]")) other.removeAttribute("aria-selected");
  row.setAttribute("aria-selected", "true");
}

/** Shows the rows below `tree`'s open rows and hides the rest; rows stand in depth-first order. */
function applyFolds(tree) {
  let closedAt = Infinity;
  for (const row of tree.children) {
    if (row.getAttribute("role") !== "treeitem") continue;
    const depth = level(row);
    if (depth <= closedAt) closedAt = Infinity;
    row.hidden = depth > closedAt;
    if (!row.hidden && row.getAttribute("aria-expanded") === "false") closedAt = depth;
  }
}

const folded = new Set();  // what the reader closed stays closed when a running trace is drawn again

function fold(row, open) {
  if (!row.hasAttribute("aria-expanded")) return;
  row.setAttribute("aria-expanded", String(open));
  if (open) folded.delete(row.dataset.span);
  else if (row.dataset.span) folded.add(row.dataset.span);
  const url = row.dataset.children;
  if (open && url) {
    delete row.dataset.children;
    window.htmx.ajax("GET", url, { source: row, target: row, swap: "afterend" }).then(() => applyFolds(row.parentElement));
  }
  applyFolds(row.parentElement);
}

const isOpen = (row) => row.getAttribute("aria-expanded") === "true";

function onTreeKey(event) {
  const row = event.target.closest('[role="treeitem"]');
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  const tree = event.currentTarget;
  const rows = shown(rowsOf(tree));
  const at = rows.indexOf(row);
  const parent = () => rows.slice(0, at).findLast((other) => level(other) < level(row));
  const act = {
    ArrowDown: () => focusRow(rows[at + 1]),
    ArrowUp: () => focusRow(rows[at - 1]),
    Home: () => focusRow(rows[0]),
    End: () => focusRow(rows.at(-1)),
    ArrowRight: () => (isOpen(row) ? level(rows[at + 1] ?? row) > level(row) && focusRow(rows[at + 1]) : fold(row, true)),
    ArrowLeft: () => (isOpen(row) ? fold(row, false) : focusRow(parent())),
    Enter: () => row.click(),
    " ": () => row.click(),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function onTreeClick(event) {
  const row = event.target.closest('[role="treeitem"]');
  if (!row) return;
  if (event.target.closest(".tw") && row.hasAttribute("aria-expanded")) {
    event.stopPropagation();  // folding is not opening
    fold(row, !isOpen(row));
    focusRow(row);
    return;
  }
  if (event.target.closest("a") && !event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault();  // the row itself opens in place
  focusRow(row);
  if (!row.dataset.span) { fold(row, !isOpen(row)); return; }
  select(row);
}

/** Moves to the next (1) or previous (-1) row of the tree. */
export function moveRow(step) {
  const rows = shown(rowsOf(document.querySelector('[role="tree"]')));
  const at = rows.findIndex((row) => row === document.activeElement);
  return focusRow(rows[at < 0 ? rows.findIndex((row) => row.tabIndex === 0) : at + step]);
}

/** Moves to the next row that failed, from the top again after the last; opens what hides it. */
export function nextError() {
  const tree = document.querySelector('[role="tree"]');
  if (!tree) return false;
  const rows = rowsOf(tree);
  const from = rows.findIndex((row) => row.tabIndex === 0);
  const found = [...rows.slice(from + 1), ...rows.slice(0, from + 1)].find((row) => row.dataset.error !== undefined);
  if (!found) return false;
  let depth = level(found);
  for (const row of rows.slice(0, rows.indexOf(found)).reverse()) {
    if (level(row) >= depth) continue;
    depth = level(row);
    row.setAttribute("aria-expanded", "true");
  }
  applyFolds(tree);
  focusRow(found);
  found.click();
  return true;
}

/** Wires the trees that are not wired yet. */
export function prepare() {
  for (const tree of document.querySelectorAll('[role="tree"]:not([data-ready])')) {
    tree.dataset.ready = "";
    tree.addEventListener("keydown", onTreeKey);
    tree.addEventListener("click", onTreeClick, true);
    for (const row of rowsOf(tree)) if (folded.has(row.dataset.span) && isOpen(row)) row.setAttribute("aria-expanded", "false");
    applyFolds(tree);
    if (!tree.querySelector('[role="treeitem"][tabindex="0"]')) tree.querySelector('[role="treeitem"]')?.setAttribute("tabindex", "0");
  }
}
