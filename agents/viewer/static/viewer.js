import { code, element, plain, verdictVector, visible } from "./drawing.js";

const PAGE = 100;
const COLUMNS = [
  ["id", "#"], ["env", "environment"], ["problem", "problem"], ["agent", "agent"], ["sample", "sample"],
  ["failure_class", "class"], ["verdict", "verdict"], ["passed", "passed"], ["cpu_time_s", "CPU s"],
  ["reward", "reward"], ["steps", "steps"], ["completion_tokens", "tokens"], ["stop_reason", "stopped"], ["error", "error"],
];
const TOTALS = [["agent", "agent"], ["episodes", "episodes"], ["solved", "solved"], ["correctness", "correctness"],
  ["optimization", "optimization"], ["no_code", "no code"], ["truncated", "truncated"], ["invalid", "invalid"]];
const SORTED = new Set(["id", "problem", "agent", "reward", "cpu_time_s", "completion_tokens", "steps"]);
const FILTERS = [["agent", "agent"], ["problem", "problem"], ["env", "environment"],
  ["failure_class", "failure class"], ["stop_reason", "stop reason"]];
const main = document.getElementById("main");
const chosen = [];
let turn = 0;
let table_place = "#/"; // where Esc leads back to

async function ask(path) {
  const answer = await fetch(path);
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error ?? `status ${answer.status}`);
  return value;
}

function parameters() {
  return new URLSearchParams(location.hash.split("?")[1] ?? "");
}

function go(values) {
  location.hash = `#/?${values}`;
}

async function show() {
  const mine = ++turn;
  const [path] = location.hash.replace(/^#\/?/, "").split("?");
  const [kind, first, second] = path.split("/");
  let made;
  try {
    if (kind === "episode") made = await episodePage(Number(first));
    else if (kind === "diff") made = await differencePage(Number(first), Number(second));
    else made = await tablePage();
  } catch (error) {
    if (mine === turn) tell(error);
    return;
  }
  if (mine !== turn) return; // a later page was asked for meanwhile
  const focused = document.activeElement?.name;
  const caret = document.activeElement?.selectionStart;
  tell(null);
  main.replaceChildren(...made);
  main.dataset.shown = location.hash;
  const again = focused && main.querySelector(`[name="${CSS.escape(focused)}"]`);
  if (again) {
    again.focus();
    if (again.type === "search") again.setSelectionRange(caret, caret);
  }
}

function tell(error) {
  const place = document.getElementById("error");
  place.hidden = !error;
  place.textContent = error ? visible(error.message) : "";
}

async function tablePage() {
  const asked = parameters();
  asked.set("limit", PAGE);
  const [about, page] = await Promise.all([ask("api/about"), ask(`api/episodes?${asked}`)]);
  asked.delete("limit");
  document.title = `Episodes of ${visible(about.title)}`;
  const notes = [`${about.episodes} in ${about.title}`];
  if (about.faults.length) notes.push(`line ${about.faults[0].line} is no record: ${about.faults[0].message}`);
  if (about.torn_line !== null) notes.push(`line ${about.torn_line} is not whole`);
  document.getElementById("about").textContent = visible(notes.join("; "));
  table_place = location.hash || "#/";
  const heading = element("h1", {}, visible(`Episodes of ${about.title}`));
  return [heading, totals(about), filterBar(about, asked), table(page, asked), pager(page, asked)];
}

// What became of each agent's episodes; a click on an agent shows only its own.
function totals(about) {
  const heads = TOTALS.map(([, label]) => element("th", { scope: "col" }, label));
  const rows = about.totals.map((row) => element("tr", {}, ...TOTALS.map(([name]) => {
    if (name !== "agent") return element("td", { class: "number", "data-of": name }, String(row[name]));
    const only = new URLSearchParams({ agent: row.agent || "" });
    return element("th", { scope: "row" }, element("a", { href: `#/?${only}` }, visible(row.agent || "(none)")));
  })));
  return element("div", { class: "wide" }, element("table", { class: "totals" },
    element("caption", {}, "Totals per agent"),
    element("thead", {}, element("tr", {}, ...heads)), ...rows));
}

function filterBar(about, asked) {
  const changed = (name, value) => {
    const next = new URLSearchParams(asked);
    next.delete("offset");
    if (value === "any") next.delete(name);
    else next.set(name, value === "none" ? "" : value.slice(1));
    go(next);
  };
  const choices = FILTERS.map(([name, label]) => {
    const options = about.values[name].map(([value, count]) => {
      const key = value ? `=${value}` : "none";
      const now = asked.has(name) && asked.get(name) === (value ?? "");
      return element("option", { value: key, ...(now && { selected: "" }) }, `${visible(value || "(none)")} (${count})`);
    });
    const select = element("select", { name, change: (event) => changed(name, event.target.value) },
      element("option", { value: "any" }, "any"), ...options);
    return element("label", {}, label, select);
  });
  let waiting;
  const typed = (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => changed("text", event.target.value ? `=${event.target.value}` : "any"), 250);
  };
  const search = element("input", { name: "text", type: "search", placeholder: "words", input: typed, value: asked.get("text") ?? "" });
  return element("form", { class: "filters", submit: (event) => event.preventDefault() }, ...choices, element("label", {}, "text", search));
}

function table(page, asked) {
  const heads = COLUMNS.map(([name, label]) => {
    if (!SORTED.has(name)) return element("th", { scope: "col", class: `col-${name}` }, label);
    const next = new URLSearchParams(asked);
    const now = (asked.get("order") ?? "id") === name;
    const down = asked.get("descending") === "1";
    next.set("order", name);
    next.set("descending", now && !down ? "1" : "0");
    next.delete("offset");
    const order = now ? (down ? "descending" : "ascending") : "none";
    return element("th", { scope: "col", class: `col-${name}`, "aria-sort": order }, element("a", { href: `#/?${next}` }, label + (now ? (down ? " ↓" : " ↑") : "")));
  });
  const open = (event, id) => {
    if (!event.target.closest("a, input")) location.hash = `#/episode/${id}`;
  };
  const rows = page.rows.map((row) => element("tr", { "data-episode": row.id, click: (event) => open(event, row.id) },
    element("td", {}, element("input", { type: "checkbox", "aria-label": `compare episode ${row.id}`,
      ...(chosen.includes(row.id) && { checked: "" }), change: (event) => choose(row.id, event.target.checked) })),
    ...COLUMNS.map(([name]) => cell(row, name))));
  return element("div", { class: "wide" }, element("table", { class: "episodes" },
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "±"), ...heads)), element("tbody", {}, ...rows)));
}

function cell(row, name) {
  const value = row[name];
  const made = (attributes, content) => element("td", { ...attributes, class: `col-${name} ${attributes.class ?? ""}` }, content);
  if (name === "id") return made({}, element("a", { href: `#/episode/${value}` }, String(value)));
  if (name === "passed") return made({}, value === null ? "" : `${value}/${row.selected}`);
  if (name === "verdict") return made({ class: `v-${value ?? "none"}` }, value ?? "–");
  if (name === "error") return made({ class: "why", ...(value && { title: visible(value) }) }, visible(value ?? ""));
  if (name === "failure_class") return made({}, row.reward_valid ? value ?? "" : "not valid");
  if (typeof value === "number" && !Number.isInteger(value)) return made({}, value.toFixed(3));
  return made({}, visible(value ?? ""));
}

// Two episodes that are ticked are compared.
function choose(id, ticked) {
  const at = chosen.indexOf(id);
  if (at >= 0) chosen.splice(at, 1);
  if (ticked) chosen.push(id);
  if (chosen.length === 2) location.hash = `#/diff/${chosen.splice(0).join("/")}`;
}

function pager(page, asked) {
  const offset = Number(asked.get("offset") ?? 0);
  const to = (label, start, allowed) => {
    const next = new URLSearchParams(asked);
    next.set("offset", start);
    return allowed ? element("a", { href: `#/?${next}`, rel: label }, label) : element("span", {}, label);
  };
  const end = Math.min(offset + PAGE, page.total);
  const last = Math.max(0, Math.floor((page.total - 1) / PAGE) * PAGE);
  return element("nav", { class: "pager" }, to("first", 0, offset > 0), to("previous", Math.max(0, offset - PAGE), offset > 0),
    element("span", { id: "range" }, page.total ? `${offset + 1}–${end} of ${page.total}` : "no episode"),
    to("next", offset + PAGE, end < page.total), to("last", last, end < page.total));
}

async function episodePage(number) {
  const episode = await ask(`api/episodes/${number}`);
  const { summary } = episode;
  const others = await ask(`api/episodes?${new URLSearchParams({ problem: summary.problem, limit: 500 })}`);
  document.title = `Episode ${number}`;
  const parts = [element("h1", {}, visible(`Episode ${number}: ${summary.agent} on ${summary.problem}`)),
    neighbours(episode), facts(episode)];
  if (episode.error) parts.push(element("p", { class: "failed" }, visible(episode.error)));
  parts.push(...judged(episode), compareWith(number, others), ...turns(episode));
  if (episode.submission) parts.push(section("Submission", true, code(episode.submission)));
  parts.push(section(`Messages (${episode.messages.length})`, false,
    ...episode.messages.map((message) => element("div", {}, element("h3", {}, visible(message.role ?? "")), plain(said(message))))));
  parts.push(section("Settings", false, plain(JSON.stringify({ agent: episode.agent, env: episode.env_kwargs }, null, 2))));
  return parts;
}

// The episodes before and after in the file.
function neighbours({ previous, next }) {
  const to = (id, label, key) => (id === null ? element("span", {}, label)
    : element("a", { href: `#/episode/${id}`, rel: key }, `${label} (${id})`));
  return element("nav", { class: "pager" }, to(previous, "previous episode", "prev"), to(next, "next episode", "next"),
    element("a", { href: table_place, rel: "up" }, "all episodes"));
}

function said(message) {
  const { role, content, ...rest } = message;
  const text = typeof content === "string" ? content : JSON.stringify(content, null, 2) ?? "";
  return Object.keys(rest).length ? `${text}\n${JSON.stringify(rest, null, 2)}` : text;
}

function facts({ summary }) {
  const shown = [["environment", summary.env], ["class", summary.reward_valid ? summary.failure_class : "not valid"],
    ["failed part", summary.failure_kind],
    ["verdict", summary.verdict], ["reward", summary.reward], ["stopped", summary.stop_reason], ["sample", summary.sample],
    ["attempt", summary.attempt], ["seed", summary.seed], ["steps", summary.steps], ["tokens read", summary.prompt_tokens],
    ["tokens written", summary.completion_tokens], ["US dollars", summary.cost_usd], ["agent s", summary.agent_time_s.toFixed(2)],
    ["environment s", summary.env_time_s.toFixed(2)], ["model", summary.model]];
  const kept = shown.filter(([, value]) => value !== null && value !== undefined);
  return element("dl", { class: "facts" }, ...kept.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, visible(value)))));
}

function judged(episode) {
  const { judgement, earlier } = episode;
  if (!judgement) return [element("p", {}, "Nothing was judged.")];
  const passed = judgement.runs.filter((run) => run.verdict === "AC").length;
  const coverage = judgement.coverage === null ? "" : `, coverage ${judgement.coverage}`;
  const limits = judgement.time_limit_s === null ? "" : `; limits ${judgement.time_limit_s} s, ${judgement.memory_limit_mib} MiB`;
  const line = `${judgement.verdict}: ${passed} of ${judgement.selected} selected tests (${judgement.tests} in all${coverage}) passed` +
    `, ${judgement.cpu_time_s.toFixed(2)} CPU s${limits}; judge ${judgement.judge}`;
  const parts = [element("h2", {}, "Verdicts"), element("p", { id: "judged" }, visible(line))];
  if (judgement.runs.length) parts.push(verdictVector(judgement));
  for (const old of earlier) {
    const about = `Before: ${old.judgement.verdict} (${old.failure_class}), reward ${old.reward}; judged again because: ${old.reason}`;
    parts.push(section(about, false, ...(old.judgement.runs.length ? [verdictVector(old.judgement)] : [])));
  }
  return parts;
}

function compareWith(number, others) {
  const options = others.rows.filter((row) => row.id !== number && row.verdict !== null).map((row) =>
    element("option", { value: row.id }, visible(`${row.id}: ${row.agent} in ${row.env}, sample ${row.sample}, ${row.verdict}`)));
  if (!options.length) return null;
  const select = element("select", { name: "other", change: (event) => { location.hash = `#/diff/${number}/${event.target.value}`; } },
    element("option", { value: "" }, "…"), ...options);
  return element("label", { class: "compare" }, "Compare the submission with ", select);
}

function turns(episode) {
  const parts = [element("h2", {}, "Turns"), section("Task", false, plain(episode.observation))];
  episode.steps.forEach((step, place) => {
    const cost = [`reward ${step.reward}`, `agent ${step.agent_time_s.toFixed(2)} s`, `environment ${step.env_time_s.toFixed(2)} s`];
    if (step.completion_tokens) cost.push(`${step.prompt_tokens} tokens read, ${step.completion_tokens} written`);
    if (step.starts_row) cost.push("the history was rewritten: a new row of tokens begins");
    if (step.finish_reason) cost.push(step.finish_reason);
    parts.push(element("section", { class: "turn" }, element("h3", {}, `Turn ${place + 1}`),
      element("p", { class: "cost" }, visible(cost.join(" · "))),
      step.reasoning ? section("Reasoning", false, plain(step.reasoning)) : null,
      step.tool ? toolCall(step.tool) : plain(step.action),
      step.observation === null ? null : section("Answer", !step.tool, plain(step.observation))));
  });
  return parts;
}

function toolCall(tool) {
  const parts = tool.arguments.flatMap(({ name, pieces }) => [element("h4", {}, visible(name)), code(pieces)]);
  return section(`calls ${tool.name}`, false, ...parts);
}

function section(title, open, ...children) {
  return element("details", { ...(open && { open: "" }) }, element("summary", {}, visible(title)), ...children);
}

async function differencePage(left, right) {
  const found = await ask(`api/diff/${left}/${right}`);
  document.title = `Episodes ${left} and ${right}`;
  const columns = ["line", "text", "line", "text"].map((name) => element("col", { class: `c${name}` }));
  const head = [found.left, found.right].map((side) => element("th", { colspan: 2, scope: "colgroup" },
    element("a", { href: `#/episode/${side.id}` }, visible(`${side.id}: ${side.summary.agent} on ${side.summary.problem}, ${side.summary.verdict ?? "nothing judged"}`))));
  const rows = found.rows.map((row) => element("tr", { class: `d-${row.kind}` }, ...[row.left, row.right].flatMap((side) =>
    [element("td", { class: "line" }, side ? String(side[0]) : ""), element("td", {}, side ? visible(side[1]) : "")])));
  const parts = [element("h1", {}, "Two submissions")];
  if (found.cut) parts.push(element("p", {}, "Only the beginning is compared: they are very long."));
  const group = element("colgroup", {}, ...columns);
  return [...parts, element("table", { class: "diff" }, group, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows))];
}

// Keys: j and k move between rows, Enter opens one; n and p go to the next and the previous episode or page; Esc goes back.
function pressed(event) {
  const typing = event.target.closest?.("input[type=search], select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (typing) event.target.blur();
    else if (main.dataset.shown?.startsWith("#/episode") || main.dataset.shown?.startsWith("#/diff")) location.hash = table_place;
    return;
  }
  if (typing) return;
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else if (event.key === "n") main.querySelector("nav a[rel=next]")?.click();
  else if (event.key === "p") main.querySelector("nav a[rel=prev], nav a[rel=previous]")?.click();
}

function step(by) {
  const links = [...main.querySelectorAll("tr[data-episode] a")];
  const marks = links.length ? links : [...main.querySelectorAll(".turn > h3, details > summary")];
  if (!marks.length) return;
  const now = marks.indexOf(document.activeElement);
  const at = now < 0 ? (by > 0 ? 0 : marks.length - 1) : Math.min(marks.length - 1, Math.max(0, now + by));
  if (marks[at].tagName === "H3") marks[at].tabIndex = -1;
  marks[at].focus();
  marks[at].scrollIntoView({ block: "nearest" });
}

addEventListener("keydown", pressed);
addEventListener("hashchange", show);
show();
