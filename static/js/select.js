/* Rows of the list that are ticked, and the bar of what can be done with them. Shift extends, X ticks the
   row with the focus. What is ticked is sent with whichever form of the bar is submitted. */

const $ = (selector, root = document) => root.querySelector(selector);
const boxes = () => [...document.querySelectorAll('[data-rows] input[name="id"]')];
const ticked = () => boxes().filter((box) => box.checked);

let last = null;
let everything = false;  // all that match, not only what is on the page

const total = () => $("#total b")?.textContent ?? "";
const words = (count, text) => `${text} trace${count === 1 ? "" : "s"}`;

function draw() {
  const bar = $("#bulk");
  if (!bar) return;
  const all = boxes();
  const chosen = ticked();
  if (!chosen.length || chosen.length < all.length) everything = false;
  bar.hidden = !chosen.length;
  const said = everything ? total() || "All" : String(chosen.length);
  $("[data-bulk-count]", bar).textContent = said;
  $("[data-bulk-total]", bar).textContent = total() ? ` ${total()}` : " that match";
  $("[data-bulk-all]", bar).hidden = everything;
  for (const place of document.querySelectorAll("[data-bulk-said]")) place.textContent = everything && !total() ? "all traces that match" : words(everything ? 2 : chosen.length, said);
  $('[name="act"][value="delete"]', bar)?.setAttribute("aria-label", `Delete ${words(everything ? 2 : chosen.length, said)}`);
  const head = $("[data-all]");
  if (head) {
    head.checked = chosen.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
  document.dispatchEvent(new CustomEvent("picked", { detail: chosen.length }));
}

function extend(to) {
  const all = boxes();
  const [from, until] = [all.indexOf(last), all.indexOf(to)].sort((one, other) => one - other);
  if (from >= 0) for (const box of all.slice(from, until + 1)) box.checked = to.checked;
}

function clear() {
  for (const box of boxes()) box.checked = false;
  everything = false;
  draw();
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.('[data-rows] input[name="id"]');
  if (box) {
    if (event.shiftKey && last?.isConnected) extend(box);
    last = box;
    draw();
  } else if (event.target.matches?.("[data-all]")) {
    for (const each of boxes()) each.checked = event.target.checked;
    draw();
  } else if (event.target.closest?.("[data-bulk-clear]")) {
    const back = last;
    clear();
    back?.focus();
  } else if (event.target.closest?.("[data-bulk-all]")) {
    for (const each of boxes()) each.checked = true;
    everything = true;
    draw();
    $('#bulk button:not([hidden])')?.focus();
  }
});

/** Ticks the row that has the focus, or clears it; `isRange`: and the rows since the last one. */
export function tick(isRange) {
  const box = $('input[name="id"]', document.activeElement?.closest("[data-rows] > tr") ?? document.createElement("tr"));
  if (!box) return;
  box.checked = !box.checked;
  if (isRange && last?.isConnected) extend(box);
  last = box;
  draw();
}

document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-bulk-form]")) return;
  if (everything) event.formData.set("all", "1");
  else for (const box of ticked()) event.formData.append("id", box.value);
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt?.id === "bulk-ask" || event.detail.target?.id === "bulk-ask") {
    const dialog = $("#bulk-ask");
    if (!dialog.open) dialog.showModal();
    $("h2", dialog)?.focus();
  } else draw();
});

/* The picker of views: the dot says that the list differs from the view, the forms save what is shown. */
const NOT_OF_A_VIEW = new Set(["view", "after", "before", "page", "peek", "piece", "sel", "above"]);

function stateOf(search) {
  const found = [...new URLSearchParams(search)].filter(([name, value]) => value.trim() && !NOT_OF_A_VIEW.has(name));
  return new URLSearchParams(found.sort(([one], [other]) => (one < other ? -1 : 1))).toString();
}

function drawViews() {
  const picker = $("#view-picker");
  if (!picker) return;
  const now = stateOf(location.search);
  for (const field of document.querySelectorAll("[data-list-query]")) field.value = now;
  const dot = $("[data-view-dot]", picker);
  if (picker.dataset.viewOpen !== undefined) dot.hidden = stateOf(picker.dataset.viewQuery) === now;
}
for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"]) document.addEventListener(name, drawViews);
addEventListener("popstate", drawViews);

draw();
drawViews();
