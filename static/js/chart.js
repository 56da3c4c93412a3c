/* Charts that people explore: <figure data-chart="URL of the figure" data-plotly="URL of the bundle"> draws itself once it
   is opened and on screen. Until then, and without script, the drawing of the server above it is the whole chart. */

// The bundle brings a style for maps, which the page's policy forbids and no chart of ours needs, unless this id is taken.
const MAPS = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
let bundle = null;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const themed = window.matchMedia("(prefers-color-scheme: dark)");

function plotly(address) {
  bundle ??= new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement("meta"), { id: MAPS }));
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(script);
  });
  return bundle;
}

/** Colours as they stand: the browser resolves light-dark() and custom properties. */
function resolved(name) {
  const probe = document.createElement("span");
  probe.className = "vh";
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

async function draw(figure) {
  const note = figure.querySelector("[role=status]");
  try {
    const [library, answer] = await Promise.all([plotly(figure.dataset.plotly), fetch(figure.dataset.chart)]);
    if (!answer.ok) throw new Error(answer.status);
    const { data, layout } = await answer.json();
    data.forEach((one) => { one.marker = { color: resolved(`--c${one.meta}`) }; });
    const [text, grid] = [resolved("--text-2"), resolved("--grid")];
    const axis = { gridcolor: grid, linecolor: grid, zerolinecolor: grid };
    const font = { family: colour("--font") || "sans-serif", size: 12, color: text };
    const shown = { ...layout, font, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      xaxis: { ...axis, ...layout.xaxis }, yaxis: { ...axis, ...layout.yaxis } };
    await library.react(figure.querySelector("[data-plot]"), data, shown, { responsive: true, displaylogo: false });
    note.textContent = "";
    figure.dataset.drawn = "";
  } catch {
    note.textContent = "The chart did not load. The drawing above and the table have the same figures.";
  }
}

const seen = new IntersectionObserver((entries) => entries.filter((one) => one.isIntersecting).forEach((one) => {
  seen.unobserve(one.target);
  draw(one.target);
}));

export function prepare() {
  document.querySelectorAll("[data-chart]:not([data-watched])").forEach((figure) => {
    figure.dataset.watched = "";
    seen.observe(figure);
  });
}

themed.addEventListener("change", () => document.querySelectorAll("[data-chart][data-drawn]").forEach(draw));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  detail.target.querySelectorAll("[data-drawn] [data-plot]").forEach((plot) => window.Plotly.purge(plot));
});
