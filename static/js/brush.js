/* The window of the minimap: dragged with the pointer, moved with keys. The server draws the rest. */

const STEP = 10;  // a key moves or widens the window by a tenth of what it shows

const number = (brush, name) => Number(brush.dataset[name]);

/** Shows the part between two instants, in microseconds; all of it where they hold everything. */
function show(brush, low, high) {
  const length = number(brush, "length");
  const from = Math.max(0, Math.round(low));
  const to = Math.min(length, Math.round(high));
  if (to - from < 1) return;
  const zoom = from <= 0 && to >= length ? "" : `&zoom=${from}-${to}`;
  window.htmx.ajax("GET", `${brush.dataset.brush}${zoom}&side=1`, { source: brush, target: "#side", swap: "outerHTML" });
}

function onKey(event) {
  const brush = event.currentTarget;
  const low = number(brush, "low");
  const high = number(brush, "high");
  const size = high - low;
  const step = size / STEP;
  const length = number(brush, "length");
  const shift = (by) => show(brush, Math.max(0, Math.min(low + by, length - size)), Math.max(size, Math.min(high + by, length)));
  const act = {
    ArrowRight: () => shift(step),
    ArrowUp: () => shift(step),
    ArrowLeft: () => shift(-step),
    ArrowDown: () => shift(-step),
    PageUp: () => shift(size),
    PageDown: () => shift(-size),
    Home: () => shift(-length),
    End: () => shift(length),
    "+": () => show(brush, low + size / 4, high - size / 4),
    "=": () => show(brush, low + size / 4, high - size / 4),
    "-": () => show(brush, low - size / 2, high + size / 2),
    Escape: () => show(brush, 0, length),
  }[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function onDown(event) {
  if (event.button !== 0) return;
  const brush = event.currentTarget;
  const box = brush.getBoundingClientRect();
  const view = brush.querySelector(".view");
  const share = (at) => Math.min(1, Math.max(0, (at.clientX - box.left) / box.width));
  const began = share(event);
  let ended = began;
  brush.setPointerCapture(event.pointerId);
  const move = (at) => {
    ended = share(at);
    view.setAttribute("x", `${Math.min(began, ended) * 100}%`);
    view.setAttribute("width", `${Math.abs(ended - began) * 100}%`);
  };
  const up = () => {
    brush.removeEventListener("pointermove", move);
    const length = number(brush, "length");
    const isClick = Math.abs(ended - began) * box.width < 4;
    if (isClick) show(brush, 0, length);
    else show(brush, Math.min(began, ended) * length, Math.max(began, ended) * length);
  };
  brush.addEventListener("pointermove", move);
  brush.addEventListener("pointerup", up, { once: true });
  event.preventDefault();
  brush.focus({ preventScroll: true });
}

/** Wires the minimaps that are not wired yet. */
export function prepare() {
  for (const brush of document.querySelectorAll("[data-brush]:not([data-ready])")) {
    brush.dataset.ready = "";
    brush.addEventListener("keydown", onKey);
    brush.addEventListener("pointerdown", onDown);
  }
}
