/* A range of the histogram: dragged with the pointer, or walked with arrow keys and widened with Shift. */

const number = (chart, name) => Number(chart.dataset[name]);
let walked = null;  // where the keys stand: first, last and which end moves
let timer = 0;

const edge = (chart, place) => Math.min(Math.max(number(chart, "base") + place * number(chart, "step"), number(chart, "since")), number(chart, "until"));
const share = (chart, seconds) => (seconds - number(chart, "since")) / (number(chart, "until") - number(chart, "since"));
const instant = (seconds) => new Date(Math.round(seconds * 1000)).toISOString();
const spoken = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

function draw(chart, first, last) {
  const brush = chart.querySelector(".brush");
  const low = share(chart, edge(chart, first));
  const high = share(chart, edge(chart, last + 1));
  brush.setAttribute("x", `${low * 100}%`);
  brush.setAttribute("width", `${(high - low) * 100}%`);
}

/** Shows a selection, in the chart and in the address; without an end it is cleared. */
function select(chart, first, last) {
  const address = new URL(chart.closest("#hist").dataset.here, location.href);
  if (first === null) address.searchParams.delete("sel");
  else address.searchParams.set("sel", `${instant(edge(chart, first))}..${instant(edge(chart, last + 1))}`);
  address.searchParams.set("piece", "histogram");
  address.searchParams.set("push", "1");
  const isFocused = document.activeElement === chart;
  window.htmx.ajax("GET", address.pathname + address.search, { source: chart, target: "#hist", swap: "outerHTML" }).then(() => {
    if (isFocused) document.querySelector("[data-bars]")?.focus({ preventScroll: true });
  });
}

function placeAt(chart, event) {
  const box = chart.getBoundingClientRect();
  const part = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  const seconds = number(chart, "since") + part * (number(chart, "until") - number(chart, "since"));
  const place = Math.floor((seconds - number(chart, "base")) / number(chart, "step"));
  return Math.min(Math.max(place, 0), number(chart, "count") - 1);
}

function onDown(event) {
  if (event.button !== 0 || event.pointerType === "touch") return;
  const chart = event.currentTarget;
  const began = placeAt(chart, event);
  let ended = began;
  chart.setPointerCapture(event.pointerId);
  const move = (at) => {
    ended = placeAt(chart, at);
    draw(chart, Math.min(began, ended), Math.max(began, ended));
  };
  chart.addEventListener("pointermove", move);
  chart.addEventListener("pointerup", () => {
    chart.removeEventListener("pointermove", move);
    walked = null;
    select(chart, Math.min(began, ended), Math.max(began, ended));
  }, { once: true });
  move(event);
}

function onTap(event) {
  if (event.pointerType === "touch") { const place = placeAt(event.currentTarget, event); select(event.currentTarget, place, place); }
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const chart = event.currentTarget;
  const most = number(chart, "count") - 1;
  if (!walked) {
    const first = chart.dataset.first === undefined ? most + 1 : number(chart, "first");
    walked = { from: first, to: chart.dataset.last === undefined ? first : number(chart, "last") };
  }
  const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -6, PageDown: 6, Home: -most, End: most }[event.key];
  if (by !== undefined) {
    const to = Math.min(Math.max(walked.to + by, 0), most);
    walked = event.shiftKey ? { from: Math.min(walked.from, most), to } : { from: to, to };
    const [first, last] = [Math.min(walked.from, walked.to), Math.max(walked.from, walked.to)];
    draw(chart, first, last);
    document.getElementById("said").textContent = `${spoken(edge(chart, first))} to ${spoken(edge(chart, last + 1))}`;
    clearTimeout(timer);
    timer = setTimeout(() => select(chart, first, last), 250);
  } else if (event.key === "Escape" && chart.dataset.first !== undefined) {
    walked = null;
    select(chart, null, null);
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

/** Wires the histogram where it is not wired yet. */
export function prepare() {
  for (const chart of document.querySelectorAll("[data-bars]:not([data-ready])")) {
    chart.dataset.ready = "";
    chart.addEventListener("pointerdown", onDown);
    chart.addEventListener("click", onTap);
    chart.addEventListener("keydown", onKey);
  }
}
