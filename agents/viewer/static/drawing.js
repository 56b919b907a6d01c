// Elements from values. All text becomes text nodes: nothing that a record holds is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function shape(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// Pieces are pairs of a class and a text.
export function code(pieces) {
  const spans = pieces.map(([kind, text]) => (kind ? element("span", { class: `c-${kind}` }, visible(text)) : visible(text)));
  return element("pre", { class: "code" }, element("code", {}, ...spans));
}

export function plain(text) {
  return element("pre", {}, visible(text));
}

// Control and direction-changing characters are spelled out, so that text cannot pretend to be other text.
export function visible(text) {
  return String(text).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (letter) => (letter === "\r" ? "" : `<${letter.charCodeAt(0).toString(16).padStart(2, "0")}>`),
  );
}

const WIDTH = 900, HEIGHT = 260, LEFT = 56, BOTTOM = 34, TOP = 22, RIGHT = 28;

// The CPU time of every run over the size of its input, with the limit, and the verdicts in order of judging.
export function verdictVector(judgement) {
  const runs = judgement.runs;
  const limit = judgement.time_limit_s;
  const sizes = runs.map((run) => Math.log10(run.input_size + 1));
  const low = Math.min(...sizes), high = Math.max(...sizes, low + 0.1);
  const top = 1.1 * Math.max(limit ?? 0, ...runs.map((run) => run.cpu_time_s), 0.001);
  const x = (size) => LEFT + ((size - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const y = (time) => HEIGHT - BOTTOM - (time / top) * (HEIGHT - BOTTOM - TOP);
  const chart = shape("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "vector", role: "img",
    "aria-label": `CPU time over input size of ${runs.length} runs`,
  });
  axes(chart, x, y, low, high, top);
  if (limit !== null) {
    chart.append(
      shape("line", { class: "limit", x1: LEFT, x2: WIDTH - RIGHT, y1: y(limit), y2: y(limit) }),
      shape("text", { class: "limit-text", x: LEFT + 6, y: y(limit) + 14 }, `limit ${limit} s`),
    );
  }
  runs.forEach((run, place) => chart.append(marker(run, x(sizes[place]), y(run.cpu_time_s))));
  return element("figure", {}, chart, strip(runs));
}

function axes(chart, x, y, low, high, top) {
  chart.append(
    shape("path", { class: "axis", d: `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}` }),
    shape("text", { x: 4, y: 12 }, "CPU s"),
    shape("text", { x: WIDTH - RIGHT, y: HEIGHT - 4, "text-anchor": "end" }, "input size, bytes"),
  );
  for (let part = 0; part <= 2; part++) {
    const time = (top / 2) * part;
    chart.append(shape("text", { x: LEFT - 6, y: y(time) + 4, "text-anchor": "end" }, time.toPrecision(2)));
  }
  for (let power = Math.ceil(low); power <= high; power++) {
    chart.append(
      shape("line", { class: "axis", x1: x(power), x2: x(power), y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 4 }),
      shape("text", { x: x(power), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, String(10 ** power)),
    );
  }
}

function marker(run, x, y) {
  const about = `test ${run.index}: ${run.verdict}, ${run.cpu_time_s.toFixed(3)} s, ${run.memory_mib.toFixed(1)} MiB, ` +
    `${run.input_size} bytes of input${run.slow ? `, ${run.slow}` : ""}`;
  const title = shape("title", {}, about);
  const attributes = { class: `run v-${run.verdict}`, "data-verdict": run.verdict };
  if (run.verdict === "AC") return shape("circle", { ...attributes, cx: x, cy: y, r: 4 }, title);
  return shape("path", { ...attributes, d: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8` }, title);
}

function strip(runs) {
  const cells = runs.map((run) => element("span", { class: `cell v-${run.verdict}`, title: `test ${run.index}` }, run.verdict));
  return element("figcaption", { class: "strip" }, ...cells);
}
