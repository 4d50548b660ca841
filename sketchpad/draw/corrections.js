// "It was a …": what the page misread, kept in this browser only, and given out as a strokes file.

const KEPT = "sketchpad-corrections";
let kept = readKept();

// Storage is refused to a page inside somebody else's frame; corrections then last for the visit.
function readKept() {
  try {
    return (localStorage.getItem(KEPT) ?? "").split("\n").filter(Boolean).map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

const asLines = () => kept.map((correction) => `${JSON.stringify(correction)}\n`).join("");

function keep(corrections) {
  kept = corrections;
  try {
    localStorage.setItem(KEPT, asLines());
  } catch {
    // Nothing lost but the memory of it.
  }
  showCorrections();
}

/** The strokes that a correction would be about, as a key; null where there is nothing to correct. */
function correctable() {
  const digit = focused();
  if (!digit || answer.sheet.picture || reading.dataset.state !== "final") return null;
  return JSON.stringify(strokesOf(digit));
}

const isAbout = (strokes) => (correction) => JSON.stringify(correction.strokes) === strokes;

/** Say what the digit in focus was; saying it twice takes it back. */
function correct(label) {
  const strokes = correctable();
  if (!strokes) return;
  const before = kept.find(isAbout(strokes));
  const others = kept.filter((correction) => correction !== before);
  const now = { source: "sketchpad", writer: "me", label, strokes: JSON.parse(strokes) };
  keep(before?.label === label ? others : [...others, now]);
}

function showCorrections() {
  const strokes = correctable();
  const label = strokes && kept.find(isAbout(strokes))?.label;
  bars.forEach((bar, digit) => {
    const button = bar.querySelector(".name");
    button.setAttribute("aria-label", say("correct.label", { label: digit }));
    button.setAttribute("aria-pressed", label === String(digit));
    button.setAttribute("aria-disabled", !strokes);
  });
  const line = find(".corrections p");
  line.textContent = label ? say("correct.kept", { label }) : strokes ? say("correct.ask") : "";
  for (const button of element.querySelectorAll("[data-kept]")) button.hidden = !kept.length;
  find('[data-kept="export"]').textContent = say("correct.export", { count: kept.length });
}

find('[data-kept="export"]').addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([asLines()], { type: "application/jsonl" }));
  link.download = "corrections.jsonl";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
});
find('[data-kept="forget"]').addEventListener("click", () => keep([]));

document.addEventListener("sketchpad:language", () => show(reading.dataset.state));
show("blank");
