/* The threshold of a judge moves along its chart: the figures of every stop came with the page. */

const DIGITS = 2;
const HEIGHT = 110;
const TOP = 6;

const number = (text) => (text === "" || text === undefined ? null : Number(text));
const said = (value) => (value === null ? "–" : value.toFixed(DIGITS));
const share = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)}%`);
const heightOf = (value) => TOP + HEIGHT * (1 - (value ?? 0));

function join(form) {
  const slider = form.querySelector("input[type=range]");
  const field = form.querySelector("[name=at]");
  const points = [...form.querySelectorAll("[data-points] > li")].map(({ dataset }) => ({
    at: Number(dataset.at), text: dataset.at, x: dataset.x, p: number(dataset.p), r: number(dataset.r), f: number(dataset.f),
  }));
  const [line, first, second] = ["", "p", "r"].map((name) => form.querySelector(`[data-mark="${name}"]`));
  const propose = form.querySelector("[data-propose]");
  const tell = (name, text) => { form.querySelector(`[data-say="${name}"]`).textContent = text; };

  const show = (point) => {
    line.setAttribute("x1", point.x);
    line.setAttribute("x2", point.x);
    first.setAttribute("cx", point.x);
    first.setAttribute("cy", heightOf(point.p));
    second.setAttribute("cx", point.x);
    second.setAttribute("cy", heightOf(point.r));
    tell("p", said(point.p));
    tell("r", said(point.r));
    tell("f", share(point.f));
    slider.setAttribute("aria-valuetext", point.text);
    if (!propose) return;
    propose.textContent = `Propose ${point.text}`;
    const isBar = Math.abs(point.at - Number(propose.dataset.bar)) < 1e-9;
    propose.toggleAttribute("aria-disabled", isBar);
    if (isBar) propose.removeAttribute("href");
    else propose.href = propose.dataset.propose + point.text;
  };
  slider.addEventListener("input", () => {
    const point = points[slider.value];
    field.value = point.text;
    show(point);
  });
  field.addEventListener("input", () => {
    const wanted = Number(field.value.replace(",", "."));
    if (Number.isNaN(wanted)) return;
    const nearest = points.reduce((best, point) => (Math.abs(point.at - wanted) < Math.abs(best.at - wanted) ? point : best));
    slider.value = points.indexOf(nearest);
    show(nearest);
  });
  slider.hidden = false;
  form.querySelector("[data-show]").hidden = true;
}

function prepare() {
  for (const form of document.querySelectorAll("form[data-threshold]:not([data-joined])")) {
    form.dataset.joined = "";
    join(form);
  }
}

document.addEventListener("htmx:afterSettle", prepare);
prepare();
