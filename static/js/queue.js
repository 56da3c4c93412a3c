/* Labelling by keys: 1 to 9 choose in the field where one is, up and down go to another field,
   Ctrl or Cmd with Enter saves. The next answer is fetched while this one is read. */

const $ = (selector, root = document) => root.querySelector(selector);
const fields = () => [...document.querySelectorAll("#say [data-field]")];

let opened = performance.now();
let pending = null;  // the label that is on its way
let ahead = null;  // {item, html}: the next answer, locked to this person

const here = () => document.activeElement?.closest("[data-field]") ?? fields().find((field) => field.matches("[data-here]")) ?? fields()[0];
const isWriting = (element) => element?.matches?.("textarea, select, input:not([type=radio], [type=checkbox])");
const areKeysOff = () => document.documentElement.dataset.shortcuts === "off";
const isCovered = () => $("dialog[open], [popover]:popover-open");

function go(field) {
  if (!field) return;
  for (const other of fields()) delete other.dataset.here;
  field.dataset.here = "";
  const control = $("input[type=radio]:checked", field) ?? $("input, select, textarea", field);
  control?.focus();
  field.scrollIntoView({ block: "nearest" });
}

function choose(number) {
  const options = [...(here()?.querySelectorAll("input[type=radio]") ?? [])];
  const option = options[number - 1];
  if (!option) return false;
  option.checked = true;
  option.dispatchEvent(new Event("change", { bubbles: true }));
  option.focus();
  return true;
}

function onKey(event) {
  const form = $("#say");
  if (!form || isCovered() || event.altKey) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    $("[value=save]", form).click();
    return;
  }
  if (event.ctrlKey || event.metaKey || areKeysOff() || isWriting(event.target)) return;
  if (/^[1-9]$/.test(event.key) && choose(Number(event.key))) {
    event.preventDefault();
    event.stopPropagation();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const every = fields();
    const at = every.indexOf(here()) + (event.key === "ArrowDown" ? 1 : -1);
    if (!every[at]) return;
    event.preventDefault();
    event.stopPropagation();
    go(every[at]);
  }
}

/* ---- the next answer, ahead of time ---- */
const token = () => $("#say [name=csrfmiddlewaretoken]")?.value ?? "";

async function fetchAhead() {
  const root = $("#item");
  const item = root?.dataset.item;
  if (!item) return;
  const body = new URLSearchParams({ act: "ahead", item });
  try {
    const answer = await fetch(root.dataset.queue, { method: "POST", body, headers: { "HX-Request": "true", "X-CSRFToken": token() } });
    const html = answer.status === 200 ? await answer.text() : "";
    if (html && $("#item")?.dataset.item === item) ahead = { after: item, html };
  } catch { /* offline: the answer comes with the next save */ }
}

function arrive() {
  ahead = null;
  opened = performance.now();
  setTimeout(fetchAhead, 400);
}

/** Shows the answer that was fetched ahead while the label is on its way; a refusal brings the other back. */
function onConfig(event) {
  const { elt, parameters } = event.detail;
  if (!elt?.closest?.("#item")) return;
  if (pending) {  // one after the other: what is undone must have been done
    event.preventDefault();
    const act = parameters.act;
    pending.then(() => $(`#item [name=act][value="${act}"]`)?.click());
    return;
  }
  if (elt.id !== "say") return;
  parameters.seconds = ((performance.now() - opened) / 1000).toFixed(1);
  const root = $("#item");
  if (!ahead || ahead.after !== root.dataset.item) return;
  const { html } = ahead;
  event.preventDefault();
  pending = send(root.dataset.queue, parameters, root.cloneNode(true)).finally(() => { pending = null; });
  window.htmx.swap("#item", html, { swapStyle: "outerHTML" });
}

async function send(address, parameters, before) {
  const body = new URLSearchParams();
  for (const [name, value] of parameters instanceof FormData ? parameters.entries() : Object.entries(parameters)) body.append(name, value);
  body.append("is_ahead", "1");
  let answer = null;
  try {
    answer = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true", "X-CSRFToken": body.get("csrfmiddlewaretoken") ?? token() } });
  } catch {
    $("#item").replaceWith(before);
    window.htmx.process(before);
    document.dispatchEvent(new CustomEvent("htmx:sendError"));
    return;
  }
  const html = await answer.text();
  if (answer.status === 422 || answer.status === 409) window.htmx.swap("#item", html, { swapStyle: "outerHTML" });
  else if (answer.ok && $("#lb-top")) window.htmx.swap("#lb-top", html, { swapStyle: "outerHTML" });
}

document.addEventListener("keydown", onKey, true);
document.addEventListener("htmx:configRequest", onConfig);
document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.elt?.id === "item" || event.target.id === "item") arrive(); });
arrive();
