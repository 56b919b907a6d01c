import { element, shape, visible } from "./drawing.js";

// Figures that are drawn to the width of the page; every text stays readable on a phone.
export const data = JSON.parse(document.getElementById("data").textContent);
const percent = (value) => value.toFixed(3);

export function widthOf(plot) {
  return Math.max(280, plot.clientWidth || 280);
}

export function shortened(text, most) {
  const half = Math.floor((most - 1) / 2);
  return text.length <= most ? text : `${text.slice(0, half)}…${text.slice(-half)}`;
}

function roundTicks(low, high, count) {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough * 0.999);
  const places = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) places.push(Number((k * step).toPrecision(12)));
  return places;
}

export function svgOf(width, height, label, ...children) {
  const drawn = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, ...children);
  drawn.style.maxWidth = `${width}px`; // or the text would grow with a wide page
  return drawn;
}

export function legendOf(items) {
  return element("ul", { class: "legend" }, ...items.map(([kind, text]) => element("li", { class: kind }, visible(text))));
}

function describe(point) {
  const parts = data.outcomes.map((each, k) => `${each.name} ${percent(point.outcomes[k])}`);
  return `${point.run}${point.alpha === null ? "" : ` (alpha ${point.alpha})`}: ${parts.join(", ")}`;
}

// Failure rates of both kinds, with regions, and lines of equal solve rate.
export function drawFrontier(plot) {
  const width = Math.min(720, widthOf(plot)), left = 46, bottom = 40, top = 10, right = 14;
  const height = Math.min(width, 560);
  const ends = data.points.flatMap((point) => [point.x, point.y, ...point.outline.flat()]);
  const reach = Math.min(1, Math.ceil(Math.max(0.05, ...ends) * 20) / 20);
  const px = (value) => left + (value / reach) * (width - left - right);
  const py = (value) => height - bottom - (value / reach) * (height - bottom - top);
  const parts = [];
  for (const value of roundTicks(0, reach, 5)) {
    parts.push(shape("line", { class: "grid", x1: px(value), x2: px(value), y1: py(0), y2: py(reach) }));
    parts.push(shape("line", { class: "grid", x1: px(0), x2: px(reach), y1: py(value), y2: py(value) }));
    parts.push(shape("text", { x: px(value), y: height - bottom + 15, "text-anchor": "middle", class: "small" }, String(value)));
    if (value > 0) parts.push(shape("text", { x: left - 6, y: py(value) + 4, "text-anchor": "end", class: "small" }, String(value)));
  }
  for (const failures of roundTicks(0, 2 * reach, 8).filter((value) => value > 0 && value <= 1 && value < 2 * reach)) {
    const most = Math.min(failures, reach), least = failures - most;
    parts.push(shape("line", { class: "iso", x1: px(least), y1: py(most), x2: px(most), y2: py(least) }));
    const at = (least + most) / 2;
    parts.push(shape("text", { x: px(at) + 3, y: py(failures - at) - 3, class: "small faint" }, `${Number((1 - failures).toFixed(2))} solved`));
  }
  const line = data.points.filter((point) => point.alpha !== null);
  if (line.length > 1) parts.push(shape("path", { class: "path", d: `M${line.map((p) => `${px(p.x)} ${py(p.y)}`).join("L")}` }));
  const tip = element("p", { class: "tip", "aria-live": "polite" });
  for (const point of data.points) {
    const inside = point.outline.map(([x, y]) => `${px(Math.min(reach, Math.max(0, x))).toFixed(1)} ${py(Math.min(reach, Math.max(0, y))).toFixed(1)}`);
    if (inside.length) parts.push(shape("path", { class: `region m-${point.kind}`, d: `M${inside.join("L")}Z` }));
  }
  for (const point of data.points) {
    const told = () => { tip.textContent = visible(describe(point)); };
    const hollow = point.kind === "trained" || point.alpha === null ? "" : " hollow";
    parts.push(shape("circle", { class: `mark m-${point.kind}${hollow}`, cx: px(point.x), cy: py(point.y), r: 5, tabindex: 0, pointerenter: told, pointerdown: told, focus: told },
      shape("title", {}, visible(describe(point)))));
    const name = point.alpha === null ? shortened(point.run, width < 500 ? 14 : 30) : String(point.alpha);
    const flip = px(point.x) > width * 0.7;
    parts.push(shape("text", { x: px(point.x) + (flip ? -8 : 8), y: py(point.y) - 7, "text-anchor": flip ? "end" : "start" }, visible(name)));
  }
  parts.push(shape("text", { x: (left + width) / 2, y: height - 6, "text-anchor": "middle" }, "correctness failures (WA, RTE, CE)"));
  parts.push(shape("text", { x: 12, y: height / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${height / 2})` }, "optimization failures (TLE, MLE, OLE)"));
  const kinds = [...new Set(line.map((point) => point.kind))].map((kind) => [`m-${kind}`, kind]);
  plot.replaceChildren(svgOf(width, height, "Frontier of failure rates", ...parts), legendOf(kinds), tip);
}

// A bar of all outcomes for each run.
export function drawOutcomes(plot) {
  const width = widthOf(plot), narrow = width < 600;
  const left = narrow ? 0 : 190, row = narrow ? 38 : 24, right = 8;
  const height = data.points.length * row + 24;
  const tip = element("p", { class: "tip", "aria-live": "polite" });
  const parts = [];
  data.points.forEach((point, place) => {
    const y = place * row + (narrow ? 16 : 2), told = () => { tip.textContent = visible(describe(point)); };
    const name = shape("text", narrow ? { x: 0, y: y - 3 } : { x: left - 8, y: y + 14, "text-anchor": "end" }, visible(shortened(point.run, narrow ? 44 : 28)));
    parts.push(name);
    let x = left;
    point.outcomes.forEach((share, k) => {
      const wide = share * (width - left - right);
      if (wide <= 0) return;
      parts.push(shape("rect", { class: `part o-${data.outcomes[k].place}`, x, y, width: wide, height: 19, pointerenter: told, pointerdown: told },
        shape("title", {}, `${data.outcomes[k].name} ${percent(share)}`)));
      if (wide > 38) parts.push(shape("text", { class: "value on", x: x + wide / 2, y: y + 13.5, "text-anchor": "middle" }, percent(share)));
      x += wide;
    });
  });
  for (const value of [0, 0.25, 0.5, 0.75, 1]) {
    const anchor = value === 1 ? "end" : value === 0 ? "start" : "middle";
    parts.push(shape("text", { class: "small", x: left + value * (width - left - right), y: height - 5, "text-anchor": anchor }, String(value)));
  }
  plot.replaceChildren(legendOf(data.outcomes.map((each) => [`o-${each.place}`, each.name])), svgOf(width, height, "Outcomes by run", ...parts), tip);
}

// Gains over the best single run by number of samples, with intervals.
export function drawEnsembles(plot) {
  const width = Math.min(900, widthOf(plot)), height = 320, left = 54, right = 14, top = 10, bottom = 40;
  const groups = new Map();
  for (const each of data.ensembles) groups.set(each.name, [...(groups.get(each.name) ?? []), each]);
  const ks = data.ensembles.map((each) => Math.log2(each.k)), values = data.ensembles.flatMap((each) => each.gain);
  const low = Math.min(0, ...values), high = Math.max(0.005, ...values), room = 0.05 * (high - low);
  const first = Math.min(...ks), last = Math.max(...ks);
  const px = (k) => left + (last === first ? 0.5 : (Math.log2(k) - first) / (last - first)) * (width - left - right);
  const py = (value) => top + ((high + room - value) / (high - low + 2 * room)) * (height - top - bottom);
  const parts = [];
  for (const value of roundTicks(low, high, 5)) {
    parts.push(shape("line", { class: value === 0 ? "zero" : "grid", x1: left, x2: width - right, y1: py(value), y2: py(value) }));
    parts.push(shape("text", { class: "small", x: left - 6, y: py(value) + 4, "text-anchor": "end" }, String(value)));
  }
  for (const k of new Set(data.ensembles.map((each) => each.k))) parts.push(shape("text", { class: "small", x: px(k), y: height - bottom + 16, "text-anchor": "middle" }, String(k)));
  const items = [];
  const tip = element("p", { class: "tip", "aria-live": "polite" });
  [...groups.values()].forEach((rows, place) => {
    const kind = rows[0].control ? "m-control" : `g-${place % 6}`, control = rows[0].control ? " control" : "";
    items.push([kind, rows[0].control ? `${rows[0].name} (control)` : rows[0].name]);
    const upper = rows.map((each) => `${px(each.k)} ${py(each.gain[2])}`), lower = rows.map((each) => `${px(each.k)} ${py(each.gain[1])}`).reverse();
    parts.push(shape("path", { class: `band ${kind}`, d: `M${[...upper, ...lower].join("L")}Z` }));
    parts.push(shape("path", { class: `curve ${kind}${control}`, d: `M${rows.map((each) => `${px(each.k)} ${py(each.gain[0])}`).join("L")}` }));
    for (const each of rows) {
      const said = `${each.name}, k = ${each.k}: gain ${percent(each.gain[0])} [${percent(each.gain[1])}, ${percent(each.gain[2])}]`;
      const told = () => { tip.textContent = visible(said); };
      parts.push(shape("line", { class: `whisker ${kind}`, x1: px(each.k), x2: px(each.k), y1: py(each.gain[1]), y2: py(each.gain[2]) }));
      parts.push(shape("circle", { class: `mark ${kind}`, cx: px(each.k), cy: py(each.gain[0]), r: 3.5, tabindex: 0, pointerenter: told, pointerdown: told, focus: told }, shape("title", {}, visible(said))));
    }
  });
  parts.push(shape("text", { x: (left + width) / 2, y: height - 6, "text-anchor": "middle" }, "samples k in total"));
  parts.push(shape("text", { x: 12, y: height / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${height / 2})` }, "gain in pass@k"));
  plot.replaceChildren(legendOf(items), svgOf(width, height, "Gain of ensembles", ...parts), tip);
}

// Kappa of split halves minus kappa of the pair, for each pair of runs.
export function drawMatrix(plot) {
  const count = data.runs.length, width = Math.min(760, widthOf(plot)), narrow = width < 500;
  const left = narrow ? 24 : 170, top = narrow ? 20 : 24;
  const size = Math.min(56, (width - left - 4) / count), height = top + count * size + 6;
  const reach = Math.max(0.05, ...data.overlaps.map((each) => Math.abs(each[2])));
  const tip = element("p", { class: "tip", "aria-live": "polite" });
  const parts = [];
  data.runs.forEach((run, place) => {
    const number = String(place + 1);
    parts.push(shape("text", { x: left + (place + 0.5) * size, y: top - 7, "text-anchor": "middle", class: "small" }, number, shape("title", {}, visible(run))));
    parts.push(shape("text", { x: left - 6, y: top + (place + 0.5) * size + 4, "text-anchor": "end", class: "small" }, narrow ? number : `${visible(shortened(run, 24))} ${number}`));
  });
  for (const [one, two, gap] of data.overlaps) {
    for (const [row, column] of [[one, two], [two, one]]) {
      const said = `${data.runs[one]}, ${data.runs[two]}: kappa ${percent(gap)} below split halves`;
      const told = () => { tip.textContent = visible(said); };
      const x = left + column * size, y = top + row * size;
      parts.push(shape("rect", { class: `cell ${gap >= 0 ? "warm" : "cold"}`, "fill-opacity": Math.abs(gap) / reach * 0.85, x, y, width: size - 1, height: size - 1, pointerenter: told, pointerdown: told }, shape("title", {}, visible(said))));
      if (size > 30) parts.push(shape("text", { class: "value", x: x + size / 2, y: y + size / 2 + 4, "text-anchor": "middle", "pointer-events": "none" }, gap.toFixed(2).replace("-0.00", "0.00")));
    }
  }
  const names = narrow ? [element("p", { class: "tip" }, visible(data.runs.map((run, place) => `${place + 1} ${run}`).join(", ")))] : [];
  plot.replaceChildren(svgOf(width, height, "Complementarity of pairs", ...parts), tip, ...names);
}
