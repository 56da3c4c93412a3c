/* The slider of a rollout moves between stops; the number beside it is what is sent. An undo that is
   offered for a while counts down, then goes. */

const stopsOf = (slider) => slider.dataset.stops.split(",").map(Number);

function nearest(stops, share) {
  let best = 0;
  stops.forEach((stop, index) => {
    if (Math.abs(stop - share) < Math.abs(stops[best] - share)) best = index;
  });
  return best;
}

function tell(slider) {
  slider.setAttribute("aria-valuetext", `${stopsOf(slider)[slider.value]} percent of the keys`);
}

function join(slider) {
  const number = document.getElementById(slider.dataset.for);
  if (!number) return;
  const follow = () => {
    slider.value = nearest(stopsOf(slider), Number(number.value.replace(",", ".")) || 0);
    tell(slider);
  };
  slider.addEventListener("input", () => {
    number.value = stopsOf(slider)[slider.value];
    tell(slider);
  });
  number.addEventListener("input", follow);
  follow();
}

function countDown(form) {
  const words = form.querySelector("[data-countdown]");
  let left = Number(form.dataset.expires);
  const timer = setInterval(() => {
    left -= 1;
    if (words) words.textContent = `${left} s`;
    if (left > 0) return;
    clearInterval(timer);
    form.remove();
  }, 1000);
}

export function prepare() {
  for (const slider of document.querySelectorAll("input.slider[data-for]:not([data-joined])")) {
    slider.dataset.joined = "";
    join(slider);
  }
  for (const form of document.querySelectorAll("[data-expires]:not([data-counts])")) {
    form.dataset.counts = "";
    countDown(form);
  }
}
