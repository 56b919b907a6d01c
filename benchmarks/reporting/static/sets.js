import { element, shape, visible } from "./drawing.js";
import { data, legendOf, shortened, svgOf, widthOf } from "./charts.js";
import { showProblem } from "./tables.js";

const LEVELS = { easy: 0, medium: 1, hard: 2 };

// Runs are rows and problems are columns, from hard to easy, below them the difficulty.
export function drawHeatMap(plot) {
  const width = widthOf(plot), narrow = width < 600, row = 22, strip = data.problems.some((each) => each.difficulty) ? 12 : 0;
  const left = narrow ? 26 : 190, count = data.order.length, height = data.runs.length * row + strip;
  const ratio = window.devicePixelRatio || 1;
  const canvas = element("canvas", { width: Math.round(width * ratio), height: Math.round(height * ratio), role: "img", tabindex: 0,
    "aria-label": `Solve rates of ${count} problems by ${data.runs.length} runs; the table below has the numbers` });
  const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.font = "12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  const wide = (width - left) / count;
  data.runs.forEach((run, place) => {
    pen.globalAlpha = 1;
    pen.fillStyle = colour("ink");
    pen.textAlign = "right";
    pen.fillText(narrow ? String(place + 1) : visible(shortened(run, 28)), left - 8, (place + 0.5) * row);
    data.order.forEach((problem, column) => {
      const samples = data.samples[place][problem];
      pen.globalAlpha = samples ? 0.04 + 0.96 * data.solved[place][problem] / samples : 1;
      pen.fillStyle = colour(samples ? "heat" : "none");
      // Whole pixels of the screen, or thin columns would blend into stripes.
      const from = Math.round((left + column * wide) * ratio) / ratio, to = Math.round((left + (column + 1) * wide) * ratio) / ratio;
      pen.fillRect(from, place * row, Math.max(to - from, 1 / ratio), row - 1);
    });
  });
  if (strip) {
    data.order.forEach((problem, column) => {
      const level = LEVELS[data.problems[problem].difficulty];
      if (level === undefined) return;
      pen.globalAlpha = 1;
      pen.fillStyle = colour(`g${[2, 4, 3][level]}`);
      pen.fillRect(left + column * wide, height - strip + 3, Math.max(wide, 1 / ratio), strip - 3);
    });
  }
  const tip = element("p", { class: "tip", "aria-live": "polite" }, "Point at a column to read a problem, click to find it in the table.");
  const at = (event) => {
    const box = canvas.getBoundingClientRect(), x = (event.clientX - box.left) / box.width * width;
    const column = Math.floor((x - left) / wide), place = Math.floor((event.clientY - box.top) / box.height * height / row);
    return column >= 0 && column < count ? { problem: data.order[column], run: Math.min(Math.max(place, 0), data.runs.length - 1) } : null;
  };
  const tell = (event) => {
    const found = at(event);
    if (!found) return;
    const problem = data.problems[found.problem], solved = data.solved[found.run][found.problem], samples = data.samples[found.run][found.problem];
    tip.textContent = visible(`${problem.id}${problem.difficulty ? ` (${problem.difficulty})` : ""}, ${data.runs[found.run]}: ${solved} of ${samples} samples solved`);
  };
  canvas.addEventListener("pointermove", tell);
  canvas.addEventListener("click", (event) => {
    const found = at(event);
    if (found) showProblem(data.problems[found.problem].id);
  });
  const levels = strip ? [["g-2", "easy"], ["g-4", "medium"], ["g-3", "hard"]] : [];
  const names = narrow ? [element("p", { class: "tip" }, visible(data.runs.map((run, place) => `${place + 1} ${run}`).join(", ")))] : [];
  plot.replaceChildren(canvas, legendOf([["m-heat", "solve rate 1 (paler: lower)"], ...levels]), tip, ...names);
}

const THRESHOLDS = [["at least once", (solved) => solved >= 1], ["in at least 10 % of the samples", (solved, samples) => solved > 0 && solved >= 0.1 * samples],
  ["in at least half of the samples", (solved, samples) => solved > 0 && solved >= 0.5 * samples], ["always", (solved, samples) => solved === samples]];
let threshold = 2;

function combinations() {
  const found = new Map();
  for (const problem of data.shared) {
    const members = data.runs.map((_, run) => run).filter((run) => THRESHOLDS[threshold][1](data.solved[run][problem], data.samples[run][problem]));
    const key = members.join(" ");
    if (!found.has(key)) found.set(key, { members, count: 0 });
    found.get(key).count++;
  }
  return [...found.values()].sort((a, b) => b.count - a.count || a.members.length - b.members.length || (a.members.join() < b.members.join() ? -1 : 1));
}

// UpSet: a bar for each combination of runs, with dots for its members.
export function drawSets(plot) {
  const width = widthOf(plot), narrow = width < 600, left = narrow ? 62 : 220, step = narrow ? 20 : 24, row = 20, bars = 130;
  const all = combinations(), shown = all.slice(0, Math.max(4, Math.floor((width - left - 8) / step)));
  const height = bars + 12 + data.runs.length * row, most = Math.max(1, ...shown.map((each) => each.count));
  const tip = element("p", { class: "tip", "aria-live": "polite" });
  const parts = [];
  const totals = data.runs.map((_, run) => all.filter((each) => each.members.includes(run)).reduce((sum, each) => sum + each.count, 0));
  data.runs.forEach((run, place) => {
    const name = narrow ? `${place + 1} (${totals[place]})` : `${shortened(run, 26)} (${totals[place]})`;
    parts.push(shape("text", { x: left - 12, y: bars + 12 + (place + 0.5) * row + 4, "text-anchor": "end", class: "small" }, visible(name)));
  });
  shown.forEach((each, column) => {
    const x = left + (column + 0.5) * step, tall = each.count / most * (bars - 22);
    const who = each.members.length ? each.members.map((run) => data.runs[run]).join(", ") : "no run";
    const told = () => { tip.textContent = visible(`${each.count} problems are solved ${THRESHOLDS[threshold][0]} by exactly: ${who}`); };
    parts.push(shape("rect", { class: "bar", x: x - step * 0.36, y: bars - tall, width: step * 0.72, height: tall, tabindex: 0, pointerenter: told, pointerdown: told, focus: told },
      shape("title", {}, visible(`${each.count}: ${who}`))));
    parts.push(shape("text", { class: "value", x, y: bars - tall - 4, "text-anchor": "middle" }, String(each.count)));
    const y = (run) => bars + 12 + (run + 0.5) * row;
    data.runs.forEach((_, run) => parts.push(shape("circle", { class: "dot", cx: x, cy: y(run), r: 4.5 })));
    if (each.members.length > 1) parts.push(shape("line", { class: "join", x1: x, x2: x, y1: y(each.members[0]), y2: y(each.members.at(-1)) }));
    for (const run of each.members) parts.push(shape("circle", { class: "dot on", cx: x, cy: y(run), r: 4.5 }));
  });
  const select = element("select", { name: "threshold" }, ...THRESHOLDS.map(([name], place) => element("option", { value: place, selected: place === threshold ? "" : false }, name)));
  select.addEventListener("change", () => {
    threshold = Number(select.value);
    drawSets(plot);
  });
  const more = all.length > shown.length ? ` ${all.length - shown.length} smaller combinations are not shown.` : "";
  const names = narrow ? [element("p", { class: "tip" }, visible(data.runs.map((run, place) => `${place + 1} ${run}`).join(", ")))] : [];
  plot.replaceChildren(element("p", { class: "filters" }, element("label", {}, "solved ", select)), svgOf(width, height, "Problems by the runs that solve them", ...parts),
    element("p", { class: "tip" }, `In brackets: problems of ${data.shared.length} that the run solves.${more}`), tip, ...names);
}
