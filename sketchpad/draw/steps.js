// How the drawing became the network's 28 × 28 pixels, step by step, and a plain resize beside it.

const steps = find(".steps");

/** The step's heading, its picture and its line of figures. */
function fillStep(name, heading, image, sentence) {
  const item = find(`[data-step="${name}"]`);
  const title = item.querySelector("h3");
  title.dataset.text = heading; // for a change of language
  title.textContent = say(heading);
  item.querySelector("canvas, svg").setAttribute("aria-label", say(heading));
  if (image) drawGrey(item.querySelector("canvas"), image);
  item.querySelector("p").textContent = sentence;
}

/** Ask for the steps of the digit in focus, only while somebody looks. */
async function showSteps() {
  if (!steps.open) return;
  const digit = focused();
  find(".steps .none").textContent = digit ? "" : say("steps.blank");
  find(".steps .about").textContent = say(answer?.sheet.picture ? "steps.about.picture" : "steps.about");
  if (!digit) find(".steps ol").hidden = true;
  if (!digit) return;
  const { sheet } = answer;
  const { strokes, picture } = sheet;
  const own = picture ? [] : strokesOf(digit);
  const given = await server.explain(
    picture ? { picture: picture.data, box: digit.box }
    : { digit: own, strokes, pens: strokes.map((stroke) => stroke.pen) },
  );
  if (!given || answer?.sheet !== sheet || focused() !== digit) return;
  find(".steps ol").hidden = Boolean(given.error);
  if (given.error) {
    find(".steps .none").textContent = complaint(given);
    return;
  }
  find(".steps ol").classList.toggle("of-picture", Boolean(picture));
  find('[data-step="ink"]').hidden = !picture;
  if (picture) fillFromPicture(digit, picture, given);
  else fillFromStrokes(digit, own, given);
  const { image, label, probability, verdict } = given.plain;
  const would = say(`steps.would.${verdict}`, { label, share: percent(probability) });
  const shrunk = say(picture ? "steps.plain.picture" : "steps.plain.figures");
  fillStep("plain", "steps.plain", image, `${shrunk} ${would}`);
  const same = digit.verdict === "not a digit" ? verdict === digit.verdict : verdict === "digit" && label === digit.label;
  const right = same && answer.digits.length === 1;
  find('[data-step="plain"]').classList.toggle("misread", !right);
}

function fillFromStrokes(digit, own, { fitted, scale, pen, shift }) {
  const [left, top, right, bottom] = digit.box.map(Math.round);
  find('[data-step="raw"] svg').innerHTML = own
    .map((stroke) => `<path d="${trace(stroke)}" stroke-width="${stroke.pen}" />`)
    .join("");
  const figures = say("steps.raw.figures", { width: right - left, height: bottom - top, left, top });
  fillStep("raw", "steps.raw", null, figures);
  fillStep("fitted", "steps.fitted", fitted, say("steps.fitted.figures", { scale: scale.toFixed(3), pen }));
  const moved = say("steps.centred.figures", signed(shift));
  fillStep("centred", "steps.centred", digit.image, `${moved} ${readAs(digit)}`);
}

function fillFromPicture(digit, picture, { ink, size, fitted, pen, shift }) {
  const { width, height } = picture.image;
  const [left, top, right, bottom] = onPad([0, 0, width, height], picture);
  // The picture as it lies on the pad, and where the digit is.
  const shown = `<image href="${picture.data}" x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" />`;
  const [x0, y0, x1, y1] = onPad(digit.box, picture);
  const frame = `<rect x="${x0 - 4}" y="${y0 - 4}" width="${x1 - x0 + 8}" height="${y1 - y0 + 8}" rx="4" />`;
  find('[data-step="raw"] svg').innerHTML = shown + frame;
  fillStep("raw", "steps.given", null, say("steps.given.figures", { width, height }));
  fillStep("ink", "steps.ink", ink, say("steps.ink.figures", { width: size[0], height: size[1] }));
  const [before, after] = pen.map((px) => px.toFixed(1));
  const kept = before === after ? "steps.sized.kept" : "steps.sized.mended";
  fillStep("fitted", "steps.sized", fitted, `${say("steps.sized.figures")} ${say(kept, { before, after })}`);
  const moved = say("steps.centred.figures", signed(shift));
  fillStep("centred", "steps.placed", digit.image, `${moved} ${readAs(digit)}`);
}

/** A shift in pixels with its signs. */
function signed(shift) {
  const [across, down] = shift.map((px) => `${px < 0 ? "−" : "+"}${Math.abs(px).toFixed(1)}`);
  return { across, down };
}

function readAs({ label, verdict, probabilities }) {
  return say(`steps.read.${verdict}`, { label, share: percent(probabilities[label]) });
}

steps.addEventListener("toggle", showSteps);
