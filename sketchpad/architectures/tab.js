// The Architectures tab: asks for what the form says, folds, sorts and saves. Nothing is asked for
// before somebody looks at the tab.

const find = (selector) => element.querySelector(selector);
const all = (selector) => [...element.querySelectorAll(selector)];
const form = find("form");
const fields = form.elements;
const result = find(".result");
const problem = find(".problem");
const numbers = ["size", "channels", "classes"];

let touched = false; // numbers typed by hand stay when another network is chosen
let csv = {};
let newest = 0;
let timer = 0;
let compared = false;

const option = () => fields.network.selectedOptions[0];
const published = () => JSON.parse(option().dataset.published);

function asked() {
  const payload = { network: fields.network.value, beside: fields.beside.value };
  for (const key of numbers) payload[key] = fields[key].value === "" ? null : Number(fields[key].value);
  return payload;
}

/** Show what the form asks for; of several requests under way the last one counts. */
async function show() {
  clearTimeout(timer);
  const mine = ++newest;
  const payload = asked();
  find("[data-reset]").hidden = numbers.every((key) => Number(fields[key].value) === published()[key]);
  result.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await server.show(payload);
  } catch {
    answer = { error: `<p>${escaped(sketchpad.say("arch.silent"))}</p>` };
  }
  if (mine !== newest) return;
  result.setAttribute("aria-busy", "false");
  problem.innerHTML = answer.error ?? "";
  result.inert = Boolean(answer.error);
  if (!answer.error) {
    const stage =
      result.dataset.network === payload.network && find('.picks [aria-pressed="true"]')?.dataset.stage;
    csv = answer.csv;
    result.innerHTML = answer.html;
    result.dataset.network = payload.network;
    if (stage) pick(stage); // another size keeps the stage that was looked at
  }
  if (!compared) compare();
}

async function compare() {
  compared = true;
  const place = find(".zoo-place");
  try {
    place.innerHTML = await server.compare(null);
  } catch {
    compared = false; // asked again with the next answer
  }
}

function escaped(text) {
  const node = document.createElement("p");
  node.textContent = text;
  return node.innerHTML;
}

function take(values) {
  for (const key of numbers) fields[key].value = values[key];
  touched = false;
}

function choose(name) {
  fields.network.value = name;
  if (!touched) take(published());
  show();
  form.scrollIntoView({ block: "nearest" });
  fields.network.focus({ preventScroll: true });
}

/** Show one stage's blocks. */
function pick(stage) {
  for (const part of all(".blocks")) {
    if (!part.querySelector(`.gallery[data-stage="${stage}"]`)) continue; // the other one has fewer stages
    for (const node of part.querySelectorAll(".picks [data-stage]")) {
      node.setAttribute("aria-pressed", node.dataset.stage === stage);
    }
    for (const node of part.querySelectorAll(".gallery")) node.hidden = node.dataset.stage !== stage;
  }
}

/** The table as a file; the browser makes it, no server keeps one. */
function save(name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv[name]], { type: "text/csv" }));
  link.download = `${name}-${fields.channels.value}x${fields.size.value}x${fields.size.value}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function unfold(button) {
  const parts = [...button.parentElement.nextElementSibling.querySelectorAll("details")];
  const open = parts.some((part) => !part.open);
  for (const part of parts) part.open = open;
  button.dataset.text = open ? "arch.layers.close" : "arch.layers.open";
  button.textContent = sketchpad.say(button.dataset.text);
}

/** Rows by the column of a head; numbers before words, and what has no figure last. */
function sort(head) {
  const table = head.closest("table");
  const up = head.getAttribute("aria-sort") !== "ascending";
  const value = (row) => row.cells[head.cellIndex].dataset.value;
  const order = (a, b) => {
    if (value(a) === "" || value(b) === "") return (value(a) === "") - (value(b) === "");
    const less = value(a).localeCompare(value(b), "en", { numeric: true });
    const way = Number.isNaN(Number(value(a))) ? less : Number(value(a)) - Number(value(b));
    return up ? way : -way;
  };
  for (const other of table.querySelectorAll("[aria-sort]")) other.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  if (event.target.name === "network" && !touched) take(published());
  if (numbers.includes(event.target.name)) touched = true;
  clearTimeout(timer);
  timer = setTimeout(show, event.target.tagName === "INPUT" ? 250 : 0);
});

element.addEventListener("click", (event) => {
  const target = event.target.closest("button, [data-choose]");
  if (!target) return;
  const data = target.dataset;
  if (data.choose) choose(data.choose);
  else if (data.stage) pick(data.stage);
  else if (data.csv) save(data.csv);
  else if ("unfold" in data) unfold(target);
  else if (data.size) {
    fields.size.value = data.size;
    touched = true;
    show();
  } else if ("reset" in data) {
    take(published());
    show();
  } else if (target.closest("[aria-sort]")) sort(target.closest("[aria-sort]"));
});

// The only labels that the page's own script cannot fill: an attribute of its own kind.
function nameGroups() {
  for (const group of all("optgroup")) group.label = sketchpad.say(group.dataset.textGroup);
}
document.addEventListener("sketchpad:language", nameGroups);
nameGroups();

new IntersectionObserver((seen, observer) => {
  if (!seen.some((entry) => entry.isIntersecting)) return;
  observer.disconnect();
  show();
}).observe(form);
