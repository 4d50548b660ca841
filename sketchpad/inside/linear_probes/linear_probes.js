// Depth for learners: what is read after the stem and each block, a column for each.

const own = find('[data-section="linear_probes"]');
const lens = own.querySelector(".lens");
const places = lens ? JSON.parse(lens.dataset.places) : [];
const buttons = [...own.querySelectorAll("thead button")];
let chosen = null; // index of the depth picked by hand
let given = null;

own.dataset.always = "true"; // plain against residual can be looked at without a drawing
own.hidden = false;

async function look(digit) {
  if (!lens) return;
  lens.hidden = !digit;
  if (!digit) return;
  given = await inquire("linear_probes", { image: digit.image });
  showColumns();
  tell();
}

const percent = (share) => (share > 0 && share < 0.001 ? "< 0.1\u00a0%" : `${(100 * share).toFixed(1)}\u00a0%`);

function placeName(index) {
  const [, stage, number] = places[index].block.split(".").map(Number);
  return places[index].block === "stem" ? say("linear_probes.the.stem") : say("linear_probes.the.block", { stage: stage + 1, n: number + 1 });
}

function showColumns() {
  const columns = [...given.depths, given.answer];
  [...own.querySelector("tbody").rows].forEach((row, digit) => {
    columns.forEach(({ label, probabilities }, n) => {
      const cell = row.cells[n + 1];
      const share = Math.round(100 * probabilities[digit]);
      cell.querySelector("b").textContent = share || ""; // what rounds to nothing is left out
      cell.querySelector("i").style.width = `${share}%`;
      cell.classList.toggle("best", label === digit);
    });
  });
}

/** Where the answer appears and stays; then the depth that is picked, or the one where it stays. */
function tell() {
  const { answer, first, settled, depths } = given;
  const at = chosen ?? settled ?? depths.length - 1;
  buttons.forEach((button, n) => button.setAttribute("aria-pressed", n === at));
  put(".where", whereKey(given), {
    answer: answer.label,
    first: first === null ? "" : placeName(first),
    settled: settled === null ? "" : placeName(settled),
  });
  const { label, probabilities } = depths[at];
  const share = percent(probabilities[label]);
  put(".at", "linear_probes.at", { place: placeName(at), label, share, n: lens.dataset.n, right: places[at].right });
}

function whereKey({ answer, first, settled }) {
  if (answer.verdict === "not a digit") return "linear_probes.odd";
  if (first === null) return "linear_probes.never";
  if (settled === null) return "linear_probes.late";
  return first === settled ? "linear_probes.stays" : "linear_probes.returns";
}

function put(selector, key, values) {
  const line = own.querySelector(selector);
  const sentence = say(key, values);
  if (line.textContent !== sentence) line.textContent = sentence;
}

buttons.forEach((button, n) => {
  button.addEventListener("click", () => {
    chosen = n;
    if (given) tell();
  });
});

follow("linear_probes", look);
