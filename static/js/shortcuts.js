/* Single-key shortcuts. A control names its own key with data-key="t", so a page has exactly the keys
   whose controls it shows; only moving among rows and "g" sequences are known here. */
import { moveRow } from "./rows.js";

const SEQUENCE_MS = 1500;
const OF_LIST = [" ", "[", "]", "j", "k", "Escape"];
let goUntil = 0;
let use = null;  // how other parts of the script are had

/** Does something with the span tree; false where the page has none. */
function inTree(act) {
  if (!document.querySelector('[role="tree"]')) return false;
  use("tree", act);
  return true;
}

function press(key) {
  const ofRow = document.activeElement?.closest("[data-rows] > *")?.querySelector(`[data-row-key="${CSS.escape(key)}"]`);
  const control = ofRow ?? [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((element) => element.checkVisibility());
  if (!control) return false;
  if (control.matches("input, textarea")) {
    control.focus();
    control.select?.();
  } else {
    control.click();
  }
  return true;
}

function act(key, isShifted) {
  if (Date.now() < goUntil) {
    goUntil = 0;
    const link = document.querySelector(`a[data-go="${CSS.escape(key)}"]`);
    if (link) { link.click(); return true; }
  }
  if (key === "g") { goUntil = Date.now() + SEQUENCE_MS; return true; }
  if (press(key)) return true;
  if (key === "x" && document.activeElement?.closest("[data-rows] > tr")) {
    use("select", (select) => select.tick(isShifted));
    return true;
  }
  if (OF_LIST.includes(key) && document.querySelector("[data-rows]")) {
    const isPeeking = document.querySelector("[data-peeked]");
    const isInRow = document.activeElement?.matches("[data-rows] > [data-id] a");
    if (isPeeking || (isInRow && !"jk".includes(key))) {
      use("list", (list) => list.act(key));
      return true;
    }
  }
  if (key === "j" || key === "k") {
    const step = key === "j" ? 1 : -1;
    return inTree((tree) => tree.moveRow(step)) || moveRow(step);
  }
  if (key === "e") return inTree((tree) => tree.nextError());
  if (key === "?") {
    document.getElementById("shortcuts")?.showModal();
    return true;
  }
  return false;
}

const openPalette = () => use("palette", (palette) => palette.toggle());

/** Lets the page hear its keys, once; `isTyping` says whether they go into a field. */
export function start(useParts, isTyping) {
  if (use) return;
  use = useParts;
  document.addEventListener("keydown", (event) => {
    if (event.key?.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || !document.getElementById("palette")) return;
    event.preventDefault();
    openPalette();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-palette]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    openPalette();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.repeat && !"jk".includes(event.key)) return;
    if (document.documentElement.dataset.shortcuts === "off") return;
    if (isTyping(event.target) || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (act(event.key.length === 1 ? event.key.toLowerCase() : event.key, event.shiftKey)) event.preventDefault();
  });
}
