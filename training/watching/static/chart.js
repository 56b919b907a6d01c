import { element, shape, visible } from "./drawing.js";

const HEIGHT = 170, LEFT = 46, RIGHT = 8, TOP = 8, BOTTOM = 20;
const COLOURS = 8;

// A moving average without a bias to the first value: an older value has the weight decay ** age.
export function smoothed(values, decay) {
  let total = 0, count = 0;
  return values.map((value) => {
    if (value === null) return null;
    total = decay * total + value;
    count = decay * count + 1;
    return total / count;
  });
}

export function format(value) {
  if (value === null || value === undefined) return "–";
  if (value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 1e6)) return value.toExponential(2);
  if (Number.isInteger(value)) return String(value);
  if (Math.abs(value) >= 1000) return String(Math.round(value));
  return value.toPrecision(4).replace(/\.?0+$/, "");
}

// Places of round numbers, about `count` of them, that cover an interval.
function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough * 0.999);
  const places = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) places.push(Number((k * step).toPrecision(12)));
  return places;
}

// One metric with a line per run: series are {run, place, x, values}. Or one run with an area per part: {name, part, x, values}.
export class ChartView {
  constructor(spec, title, moved) {
    this.spec = spec;
    this.values = element("ul", { class: "values" });
    this.drawing = shape("svg", { tabindex: "0", role: "img" });
    this.title = title;
    this.figure = element("figure", { "data-chart": title },
      element("figcaption", {}, element("strong", {}, visible(title)), element("span", { class: "unit" }, spec.unit)),
      element("p", { class: "meaning" }, spec.meaning.replaceAll("`", "")), this.values, this.drawing);
    const at = (event) => moved(this.place(event.clientX));
    this.drawing.addEventListener("pointermove", at);
    this.drawing.addEventListener("pointerdown", at);
    this.drawing.addEventListener("pointerleave", () => moved(null));
    this.drawing.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!way) return;
      event.preventDefault();
      moved(this.neighbour(way));
    });
    this.drawing.addEventListener("blur", () => moved(null));
    this.series = [];
    this.hovered = null;
  }

  draw(series, decay, axis) {
    this.series = series.map((each) => ({ ...each, drawn: smoothed(each.values, decay) }));
    this.decay = decay;
    this.axis = axis;
    this.width = Math.max(200, this.drawing.clientWidth || 360);
    this.scale();
    const parts = [...this.grid(), ...(this.spec.stacked ? this.areas() : this.lines())];
    this.cross = shape("line", { class: "cross", y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden" });
    this.drawing.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
    this.drawing.replaceChildren(...parts, this.cross);
    this.hover(this.hovered);
  }

  scale() {
    const places = this.series.flatMap((each) => each.x);
    const shown = this.spec.stacked ? this.tops().flat() : this.series.flatMap((each) => [...each.drawn, ...(this.decay ? each.values : [])]);
    const known = shown.filter((value) => value !== null);
    this.x = [Math.min(...places), Math.max(...places)];
    if (this.x[0] === this.x[1]) this.x = [this.x[0] - 0.5, this.x[1] + 0.5];
    const low = Math.min(...known), high = Math.max(...known);
    const share = this.spec.unit === "share" || this.spec.stacked;
    // Rounding errors of a constant should look like a constant.
    const flat = high - low < 1e-4 * Math.max(Math.abs(low), Math.abs(high));
    const room = flat ? 0.1 * Math.abs(high) : 0.06 * (high - low);
    this.y = [share || low >= 0 && low < 0.5 * high ? 0 : low - room, this.spec.stacked && this.spec.unit === "share" ? 1 : high + room];
    if (this.y[0] === 0 && this.y[1] <= 0) this.y[1] = 1;
  }

  px(value) { return LEFT + (value - this.x[0]) / (this.x[1] - this.x[0]) * (this.width - LEFT - RIGHT); }
  py(value) { return HEIGHT - BOTTOM - (value - this.y[0]) / (this.y[1] - this.y[0]) * (HEIGHT - BOTTOM - TOP); }

  grid() {
    const made = [];
    for (const value of ticks(...this.y, 5)) {
      made.push(shape("line", { class: "grid", x1: LEFT, x2: this.width - RIGHT, y1: this.py(value), y2: this.py(value) }));
      made.push(shape("text", { x: LEFT - 5, y: this.py(value) + 4, "text-anchor": "end" }, format(value)));
    }
    const places = ticks(...this.x, Math.min(6, this.width / 80)).filter((value) => this.axis !== "step" || Number.isInteger(value));
    for (const value of places) made.push(shape("text", { x: this.px(value), y: HEIGHT - 5, "text-anchor": "middle" }, format(value)));
    return made;
  }

  line(series, values, kind) {
    let pen = "M";
    const path = values.map((value, k) => {
      if (value === null) { pen = "M"; return ""; }
      const word = `${pen}${this.px(series.x[k]).toFixed(1)} ${this.py(value).toFixed(1)}`;
      pen = "L";
      return word;
    });
    return shape("path", { class: `${kind} run-${series.place % COLOURS}`, d: path.join("") });
  }

  lines() {
    return this.series.flatMap((each) => {
      const made = this.decay ? [this.line(each, each.values, "line raw")] : [];
      made.push(this.line(each, each.drawn, "line"));
      if (each.x.length === 1) made.push(shape("circle", { class: `run-${each.place % COLOURS}`, r: 3, cx: this.px(each.x[0]), cy: this.py(each.drawn[0] ?? 0) }));
      return made;
    });
  }

  // The upper edge of each area: the sum of the parts up to it.
  tops() {
    let below = null;
    return this.series.map((each) => {
      below = each.drawn.map((value, k) => (value ?? 0) + (below ? below[k] : 0));
      return below;
    });
  }

  areas() {
    let below = this.series[0].x.map(() => 0);
    return this.tops().map((top, number) => {
      const { x, part } = this.series[number];
      const edge = (values, k) => `${this.px(x[k]).toFixed(1)} ${this.py(values[k]).toFixed(1)}`;
      const upper = x.map((_, k) => edge(top, k)), lower = x.map((_, k) => edge(below, k)).reverse();
      below = top;
      return shape("path", { class: `area part-${part % COLOURS}`, d: `M${[...upper, ...lower].join("L")}Z` });
    });
  }

  // The value on the axis below a place on the screen.
  place(clientX) {
    const box = this.drawing.getBoundingClientRect();
    const inside = ((clientX - box.left) / box.width * this.width - LEFT) / (this.width - LEFT - RIGHT);
    return this.x[0] + Math.min(1, Math.max(0, inside)) * (this.x[1] - this.x[0]);
  }

  neighbour(way) {
    const places = [...new Set(this.series.flatMap((each) => each.x))].sort((a, b) => a - b);
    if (this.hovered === null) return places.at(-1);
    const now = nearest(places, this.hovered);
    return places[Math.min(places.length - 1, Math.max(0, now + way))];
  }

  hover(value) {
    this.hovered = value;
    const said = this.series.map((each) => {
      const k = value === null ? each.x.length - 1 : nearest(each.x, value);
      return { each, place: each.x[k], value: each.drawn[k] };
    });
    const shown = this.spec.stacked ? said.filter((one) => one.value) : said;
    this.values.replaceChildren(...shown.map(({ each, value: number }) =>
      element("li", { class: this.spec.stacked ? `part-${each.part % COLOURS}` : `run-${each.place % COLOURS}` },
        element("span", {}, `${this.spec.stacked ? `${each.name} ` : ""}${format(number)}`))));
    if (!this.cross || !said.length) return;
    this.cross.setAttribute("visibility", value === null ? "hidden" : "visible");
    const at = value === null ? this.x[1] : said.map((one) => one.place).sort((a, b) => Math.abs(a - value) - Math.abs(b - value))[0];
    this.cross.setAttribute("x1", this.px(at));
    this.cross.setAttribute("x2", this.px(at));
    this.drawing.setAttribute("aria-label", `${this.title} at ${this.axis} ${format(at)}: ${shown.map((one) => `${one.each.name} ${format(one.value)}`).join(", ")}`);
  }
}

function nearest(sorted, value) {
  let low = 0, high = sorted.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle; else high = middle;
  }
  return Math.abs(sorted[low] - value) <= Math.abs(sorted[high] - value) ? low : high;
}
