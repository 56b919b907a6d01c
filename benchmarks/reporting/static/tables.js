import { element } from "./drawing.js";
import { data } from "./charts.js";

// A cell by its first number where it has one; "–" and empty cells come last.
function sortKey(cell) {
  const text = cell.textContent.trim();
  if (!text || text === "–") return null;
  const number = /^[<+]?-?\d*\.?\d+/.exec(text.replace("<.0001", "0.00001"));
  return number && !/^[\d.]+[A-Za-z_]/.test(text) ? Number(number[0]) : text.toLowerCase();
}

function compareKeys(one, two) {
  if (one === null || two === null) return (one === null) - (two === null);
  if (typeof one === typeof two) return one < two ? -1 : one > two ? 1 : 0;
  return typeof one === "number" ? -1 : 1;
}

function sortBy(table, column, head) {
  const down = head.ariaSort === "ascending" || (head.ariaSort !== "descending" && !head.classList.contains("name"));
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row, place) => ({ row, place, key: sortKey(row.cells[column]) }));
  keyed.sort((a, b) => {
    const order = compareKeys(a.key, b.key);
    const missing = a.key === null || b.key === null;
    return (down && !missing ? -order : order) || a.place - b.place;
  });
  body.append(...keyed.map((each) => each.row));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.ariaSort = down ? "descending" : "ascending";
}

export function makeSortable(table) {
  if (table.tBodies[0].rows.length < 2) return;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = element("button", { type: "button" }, head.textContent);
    button.addEventListener("click", () => sortBy(table, column, head));
    head.replaceChildren(button);
  });
}

const CONDITIONS = [["any", () => true], ["at least once", (rate) => rate > 0], ["never", (rate) => rate === 0], ["always", (rate) => rate === 1], ["sometimes", (rate) => rate > 0 && rate < 1]];
let problemFilter = null;

// Fields above the table of problems: words, difficulty, bounds of the mean solve rate, and what a run solved.
export function makeFilters(table) {
  const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent);
  const mean = heads.indexOf("all"), level = heads.indexOf("difficulty");
  const words = element("input", { type: "search", name: "words", placeholder: "words of the id, tags" });
  const low = element("input", { type: "number", name: "low", min: 0, max: 1, step: 0.05, placeholder: "0" });
  const high = element("input", { type: "number", name: "high", min: 0, max: 1, step: 0.05, placeholder: "1" });
  const levels = level < 0 ? [] : [...new Set([...table.tBodies[0].rows].map((row) => row.cells[level].textContent))].filter(Boolean);
  const difficulty = element("select", { name: "difficulty" }, element("option", { value: "" }, "all"), ...levels.map((each) => element("option", {}, each)));
  const run = element("select", { name: "run" }, element("option", { value: "" }, "any run"), ...data.runs.map((each, place) => element("option", { value: place }, each)));
  const condition = element("select", { name: "condition" }, ...CONDITIONS.map(([name], place) => element("option", { value: place }, name)));
  const count = element("output", { name: "count" });
  const clear = element("button", { type: "button" }, "clear");
  const rows = [...table.tBodies[0].rows];
  const update = () => {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const cells = row.cells, text = [...cells].slice(0, mean - 1).map((cell) => cell.textContent.toLowerCase()).join(" ");
      const rate = Number(cells[mean].textContent);
      const own = run.value === "" ? null : cells[mean + 1 + Number(run.value)].textContent;
      const kept = asked.every((word) => text.includes(word)) && (!difficulty.value || cells[level].textContent === difficulty.value)
        && !(low.value !== "" && !(rate >= Number(low.value))) && !(high.value !== "" && !(rate <= Number(high.value)))
        && (own === null || condition.value === "0" || (own !== "–" && CONDITIONS[Number(condition.value)][1](Number(own))));
      row.hidden = !kept;
      shown += kept;
    }
    count.textContent = `${shown} of ${rows.length} problems`;
  };
  const fields = [words, low, high, difficulty, run, condition];
  for (const field of fields) field.addEventListener("input", update);
  clear.addEventListener("click", () => {
    for (const field of fields) field.value = field === condition ? "0" : "";
    update();
  });
  const labels = [element("label", {}, "find ", words), element("label", {}, "rate from ", low), element("label", {}, "to ", high)];
  if (levels.length) labels.push(element("label", {}, "difficulty ", difficulty));
  labels.push(element("label", {}, "run ", run), element("label", {}, "solved ", condition));
  table.parentElement.before(element("div", { class: "filters", role: "search" }, ...labels, clear, count));
  table.parentElement.classList.add("tall");
  problemFilter = (id) => {
    for (const field of fields) field.value = field === condition ? "0" : "";
    words.value = id;
    update();
  };
  update();
}

export function showProblem(id) {
  problemFilter?.(id);
  document.getElementById("problem-table").closest(".wide").previousElementSibling.scrollIntoView({ block: "nearest" });
}
