/* The test panel: answers as they come, and hanging up. Without this the form runs all columns and shows
   them at their end. */
const STREAM = "application/x-ndjson";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => root.querySelectorAll(selector);

let running = null;  // of the run that is under way

const column = (place) => $(`#panel-outputs [data-column="${place}"]`);

/** One line of the answer: all outputs, one column at its end, or a few words more. */
function show({ column: place, html, text, thought }) {
  if (html !== undefined && place === undefined) begin(html);
  else if (html !== undefined) {
    column(place).outerHTML = html;
    tell();
  } else if (text !== undefined) $("[data-said]", column(place)).append(text);
  else if (thought) {
    const details = $("[data-thought]", column(place));
    details.hidden = false;
    $(".pre", details).append(thought);
  }
}

function begin(html) {
  const outputs = $("#panel-outputs");
  outputs.innerHTML = html;
  if (outputs.getBoundingClientRect().top > innerHeight / 2) outputs.scrollIntoView();  // below the form on a phone
}

function tell() {
  const all = $$("#panel-outputs [data-column]").length;
  const left = $$("#panel-outputs [data-asked]").length;
  $("#panel-state").textContent = left ? `${all - left} of ${all} are over` : "All are over.";
}

/** What was still being asked says why it stopped. */
function stop(word) {
  for (const one of $$("#panel-outputs [data-asked]")) {
    delete one.dataset.asked;
    const chip = document.createElement("span");
    chip.className = "chip warn xs";
    chip.textContent = word;
    $("[data-state]", one).replaceChildren(chip);
  }
  $("#panel-state").textContent = word === "cancelled" ? "Cancelled." : "The connection broke off.";
}

function fail(text) {
  const note = document.createElement("div");
  note.className = "note bad";
  note.setAttribute("role", "alert");
  note.textContent = text;
  $("#panel-faults").replaceChildren(note);
}

async function read(body) {
  const lines = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await lines.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const part of parts) show(JSON.parse(part));
  }
}

async function run(form) {
  const body = new FormData(form);
  body.set("act", "run");
  running = new AbortController();
  const { signal } = running;
  mark(form, true);
  $("#panel-faults").replaceChildren();
  try {
    const answer = await fetch(form.action, { method: "POST", body, signal, headers: { Accept: STREAM } });
    if (answer.headers.get("content-type")?.startsWith(STREAM)) {
      await read(answer.body);
      if ($("#panel-outputs [data-asked]")) stop("broken off");
    } else if (answer.status === 422) $("#panel-faults").outerHTML = await answer.text();
    else fail(`The server did not run it (${answer.status}). Reload the page and try again.`);
  } catch {
    if ($("#panel-outputs [data-asked]")) stop(signal.aborted ? "cancelled" : "broken off");
    else if (!signal.aborted) fail("The server could not be reached.");
  }
  running = null;
  mark(form, false);
}

function mark(form, isRunning) {
  $("[data-run]", form).disabled = isRunning;
  $("[data-cancel]", form).hidden = !isRunning;
  if (isRunning) $("#panel-state").textContent = "Asking.";
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-panel]") || event.submitter?.value !== "run") return;
  event.preventDefault();
  if (!running) run(event.target);
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-cancel]")) running?.abort();
});
document.addEventListener("keydown", (event) => {
  const button = event.key === "Enter" && event.target.dataset?.enter;
  if (!button) return;
  event.preventDefault();
  document.getElementById(button).click();
});
