// Skip against branch: the shares of every block, and the answer with some of the branches switched off.

const own = find('[data-section="branches"]');
const rows = [...own.querySelectorAll("[data-block]")];
const reset = own.querySelector(".reset");
let given = null;

const switches = () => rows.map((row) => row.querySelector("input")).filter(Boolean);
const off = () => rows.filter((row) => row.querySelector("input")?.checked === false);

async function look(digit) {
  if (!digit) return;
  given = await inquire("branches", { image: digit.image, off: off().map((row) => row.dataset.block) });
  showShares();
  showBars();
  tell();
}

const minus = (text) => text.replace("-", "−");
/** "34.5", "142": three digits that count, no fewer than the point needs. */
const short = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
function percent(share) {
  if (share < 0.001) return "<\u00a00.1\u00a0%";
  return share > 0.999 ? ">\u00a099.9\u00a0%" : `${(100 * share).toFixed(1)}\u00a0%`;
}

function showShares() {
  const widest = Math.max(...given.shares.flatMap(({ skip, branch }) => [skip ?? 0, branch]));
  given.shares.forEach((share, i) => {
    for (const cell of rows[i].querySelectorAll("[data-share]")) {
      const key = cell.dataset.share;
      const value = share[key];
      const bar = cell.querySelector("i");
      cell.querySelector("b").textContent =
        value === null ? "–" : key === "cosine" ? minus(value.toFixed(2)) : short(value);
      if (key === "cosine") {
        bar.style.left = `${50 + 50 * Math.min(0, value ?? 0)}%`;
        bar.style.width = `${50 * Math.abs(value ?? 0)}%`;
        bar.classList.toggle("against", value < 0);
      } else bar.style.width = `${(100 * value) / (widest || 1)}%`;
    }
    rows[i].classList.toggle("silent", rows[i].querySelector("input")?.checked === false);
  });
}

function showBars() {
  const { before, after } = given;
  [...own.querySelector(".bars").children].forEach((bar, digit) => {
    const shares = [before.probabilities[digit], after.probabilities[digit]];
    bar.querySelector(".before").style.width = `${100 * shares[0]}%`;
    bar.querySelector(".after").style.width = `${100 * shares[1]}%`;
    bar.querySelector(".shares").textContent = off().length
      ? `${percent(shares[0])} → ${percent(shares[1])}`
      : percent(shares[0]);
    bar.classList.toggle("best", digit === after.label);
  });
  reset.disabled = !off().length;
}

/** An answer in words: the digit with its probability, or that it is none. */
function inWords({ label, probabilities, verdict }) {
  if (verdict === "not a digit") return say("branches.odd");
  const unsure = verdict === "unsure" ? say("branches.unsure") : "";
  return say("branches.digit", { label, share: percent(probabilities[label]), unsure });
}

function tell() {
  const { before, after } = given;
  const names = off().map((row) => say("branches.block", JSON.parse(row.querySelector("h4").dataset.values)));
  const same = before.label === after.label && before.verdict === after.verdict;
  const blanks = { names: names.join(say("branches.and")), before: inWords(before), after: inWords(after) };
  const key = !names.length ? "branches.whole" : same ? "branches.same" : "branches.changed";
  const sentence = say(key, blanks);
  const line = own.querySelector(".change");
  if (line.textContent !== sentence) line.textContent = sentence;
  line.classList.toggle("changed", names.length > 0 && !same);
}

own.addEventListener("change", (event) => {
  if (event.target.matches("input")) again("branches");
});
reset.addEventListener("click", () => {
  for (const each of switches()) each.checked = true;
  switches()[0]?.focus(); // the button is about to be disabled, and would take the focus with it
  again("branches");
});

follow("branches", look);
