import { drawEnsembles, drawFrontier, drawMatrix, drawOutcomes } from "./charts.js";
import { drawHeatMap, drawSets } from "./sets.js";
import { makeFilters, makeSortable } from "./tables.js";

const DRAWINGS = { frontier: drawFrontier, outcomes: drawOutcomes, heatmap: drawHeatMap, sets: drawSets, complementarity: drawMatrix, ensembles: drawEnsembles };

function drawAll() {
  for (const figure of document.querySelectorAll("figure[data-chart]")) DRAWINGS[figure.dataset.chart]?.(figure.querySelector(".plot"));
}

for (const table of document.querySelectorAll("table")) makeSortable(table);
const problemTable = document.getElementById("problem-table");
if (problemTable) makeFilters(problemTable);
drawAll();

const theme = document.getElementById("theme");
theme.addEventListener("change", () => {
  if (theme.value) document.documentElement.dataset.theme = theme.value;
  else delete document.documentElement.dataset.theme;
  drawAll(); // the heat map has its colours in pixels
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
matchMedia("print").addEventListener("change", drawAll);

let shownWidth = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === shownWidth) return; // a phone hides its address bar while it scrolls
  shownWidth = innerWidth;
  drawAll();
});

// On paper nothing can be unfolded.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const each of folded) each.open = true;
  drawAll();
});
addEventListener("afterprint", () => {
  for (const each of folded) each.open = false;
  drawAll();
});

const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const [key, link] of links) {
      if (key === entry.target.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
}, { rootMargin: "-10% 0px -80% 0px" });
for (const each of document.querySelectorAll("main section")) watcher.observe(each);
document.documentElement.dataset.ready = "true";
