// How the drawing became the network's 28 × 28 pixels, step by step, and a plain resize beside it.

const steps = find(".steps");

/** The step's picture and its line of figures. */
function fillStep(name, image, sentence) {
  const item = find(`[data-step="${name}"]`);
  if (image !== null) drawSeam(item.querySelector("canvas"), image);
  item.querySelector("p").textContent = sentence;
}

/** Ask for the steps of the digit in focus, only while somebody looks. */
async function showSteps() {
  if (!steps.open) return;
  const digit = focused();
  const own = digit && !answer.sheet.picture ? strokesOf(digit) : [];
  const why = !digit ? say("steps.blank") : answer.sheet.picture ? say("steps.picture") : "";
  find(".steps .none").textContent = why;
  find(".steps ol").hidden = why !== "" || !own.length;
  if (find(".steps ol").hidden) return;
  const { sheet } = answer;
  const pens = sheet.strokes.map((stroke) => stroke.pen);
  const given = await server.explain({ digit: own, strokes: sheet.strokes, pens });
  if (!given || given.error || answer?.sheet !== sheet) return;
  const [left, top, right, bottom] = digit.box.map(Math.round);
  const drawing = find('[data-step="raw"] svg');
  drawing.innerHTML = own.map((stroke) => `<path d="${trace(stroke)}" stroke-width="${stroke.pen}" />`).join("");
  fillStep("raw", null, say("steps.raw.figures", { width: right - left, height: bottom - top, left, top }));
  fillStep("fitted", given.fitted, say("steps.fitted.figures", { scale: given.scale.toFixed(3), pen: given.pen }));
  const [across, down] = given.shift.map((px) => `${px < 0 ? "−" : "+"}${Math.abs(px).toFixed(1)}`);
  const own_share = percent(digit.probabilities[digit.label]);
  const read = say(`steps.read.${digit.verdict}`, { label: digit.label, share: own_share });
  fillStep("centred", digit.image, `${say("steps.centred.figures", { across, down })} ${read}`);
  const { image, label, probability, verdict } = given.plain;
  const would = say(`steps.would.${verdict}`, { label, share: percent(probability) });
  fillStep("plain", image, `${say("steps.plain.figures")} ${would}`);
  find('[data-step="plain"]').classList.toggle("misread", verdict !== "digit" || label !== digit.label);
}

steps.addEventListener("toggle", showSteps);
