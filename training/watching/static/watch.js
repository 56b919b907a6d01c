import { ChartView, format } from "./chart.js";
import { element, visible } from "./drawing.js";

const POLL_MS = 2000;
const CLOSED = new Set(["Episodes"]); // sections that are folded at first
const slider = document.getElementById("smoothing"), axis = document.getElementById("axis");
const runs = []; // {about, shown, generation, steps, values, failure}
const views = new Map(); // title -> ChartView
let sections = [];
let hovered = null;

async function ask(path) {
  const answer = await fetch(path);
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error ?? `status ${answer.status}`);
  return value;
}

function tell(error) {
  const place = document.getElementById("error");
  place.hidden = !error;
  place.textContent = error ? visible(error.message) : "";
}

// Lines that a run has added since the last call; all of them when lines were dropped by a resume.
async function refresh(run, number) {
  const got = await ask(`api/curves/${number}?generation=${run.generation}&start=${run.steps.length}`);
  const again = got.generation !== run.generation;
  if (again) Object.assign(run, { generation: got.generation, steps: [], values: {} });
  const changed = again || got.steps.length > 0 || got.failure !== run.failure;
  for (const name of Object.keys(got.values)) run.values[name] ??= run.steps.map(() => null);
  for (const [name, values] of Object.entries(run.values)) values.push(...(got.values[name] ?? got.steps.map(() => null)));
  run.steps.push(...got.steps);
  run.failure = got.failure;
  return changed;
}

async function poll() {
  try {
    const changed = await Promise.all(runs.map(refresh));
    tell(null);
    if (changed.some(Boolean)) show();
  } catch (error) {
    tell(error);
  }
  document.body.dataset.polled = String(Number(document.body.dataset.polled ?? 0) + 1);
  setTimeout(poll, POLL_MS);
}

function places(run) {
  if (axis.value === "step") return run.steps;
  let seconds = 0;
  return (run.values["time_s/total"] ?? []).map((value) => (seconds += value ?? 0) / 60);
}

function legend() {
  const items = runs.map((run, place) => {
    const box = element("input", { type: "checkbox", ...(run.shown && { checked: "" }), change: (event) => { run.shown = event.target.checked; show(); } });
    const { stage, algorithm, coverage, steps } = run.about;
    const facts = [stage, stage === "rl" && algorithm, stage === "rl" && coverage !== null && `coverage ${coverage}`,
      `step ${run.steps.at(-1) ?? 0}${steps ? ` of ${steps}` : ""}`].filter(Boolean).join(", ");
    return element("li", { class: `run-${place % 8}` }, element("label", {}, box, mark(), element("span", {}, visible(run.about.name)), element("small", {}, visible(facts)),
      run.failure ? element("span", { class: "failed" }, visible(run.failure)) : null));
  });
  document.getElementById("legend").replaceChildren(...items);
}

function mark() {
  return element("span", { class: "mark", "aria-hidden": "true" }, "●");
}

function show() {
  legend();
  const shown = runs.map((run, place) => ({ run, place })).filter(({ run }) => run.shown && run.steps.length);
  for (const section of sections) {
    const made = section.charts.flatMap((spec) => metrics(spec, shown)).flatMap((spec) => panels(spec, shown));
    const grid = section.place.querySelector(".charts");
    const figures = made.map(({ view }) => view.figure);
    // Figures that stay are not moved, so that a focused chart keeps the focus.
    if (figures.length !== grid.children.length || figures.some((figure, k) => figure !== grid.children[k])) grid.replaceChildren(...figures);
    section.place.hidden = !made.length;
    for (const { view, series } of made) view.draw(series, Number(slider.value), axis.value);
  }
  document.getElementById("decay").textContent = Number(slider.value).toFixed(2);
  document.getElementById("main").dataset.shown = String(shown.reduce((sum, { run }) => sum + run.steps.length, 0));
  hover(hovered);
}

// A chart of a metric whose name has "*" stands for a chart of each metric that the runs have in its place.
function metrics(spec, shown) {
  if (!spec.title.includes("*")) return [spec];
  const keys = spec.title.split("/");
  const names = new Set(shown.flatMap(({ run }) => Object.keys(run.values)).filter((name) => {
    const words = name.split("/");
    return words.length === keys.length && keys.every((key, k) => key === "*" || key === words[k]);
  }));
  return [...names].map((name) => ({ ...spec, title: name, names: [name] }));
}

function panels(spec, shown) {
  const having = shown.filter(({ run }) => spec.names.some((name) => run.values[name]));
  if (!spec.stacked) {
    const series = having.map(({ run, place }) => ({ name: run.about.name, place, x: places(run), values: run.values[spec.names[0]] }));
    return series.length ? [{ view: viewOf(spec, spec.title), series }] : [];
  }
  return having.map(({ run }) => {
    const series = spec.names.map((name, part) => ({ name: name.split("/").at(-1), part, x: places(run), values: run.values[name] }));
    return { view: viewOf(spec, runs.length > 1 ? `${spec.title} – ${run.about.name}` : spec.title), series: series.filter((each) => each.values) };
  });
}

function viewOf(spec, title) {
  if (!views.has(title)) views.set(title, new ChartView(spec, title, hover));
  return views.get(title);
}

function hover(value) {
  hovered = value;
  for (const view of views.values()) view.hover(value);
  const last = Math.max(0, ...runs.map((run) => run.steps.at(-1) ?? 0));
  const at = axis.value === "step" ? `step ${Math.round(value)}` : `minute ${format(Number(value?.toFixed(2)))}`;
  document.getElementById("state").textContent = value === null ? `values of the last step, ${last}` : `values of ${at}`;
}

async function start() {
  const about = await ask("api/about");
  runs.push(...about.runs.map((each) => ({ about: each, shown: true, generation: 0, steps: [], values: {}, failure: "" })));
  document.title = `Curves of ${visible(runs.map((run) => run.about.name).join(", "))}`;
  slider.value = String(about.smoothing);
  sections = about.sections.map(({ name, charts }) => {
    const place = element("details", { ...(!CLOSED.has(name) && { open: "" }), toggle: () => show() },
      element("summary", {}, name), element("div", { class: "charts" }));
    return { charts, place };
  });
  document.getElementById("main").replaceChildren(...sections.map(({ place }) => place));
  slider.addEventListener("input", show);
  axis.addEventListener("change", () => { hovered = null; show(); });
  let width = innerWidth;
  addEventListener("resize", () => { if (width !== innerWidth) { width = innerWidth; show(); } });
  legend();
  await poll();
}

start().catch(tell);
