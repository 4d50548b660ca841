// Why this digit and not that one: evidence maps out of one sprite with the ink outlined over them, the
// ten digits to compare with, and the nearest training digits.

const own = find('[data-section="attribution"]');
const others = own.querySelector(".others");
const nearest = own.querySelector(".nearest");
const trios = [...own.querySelectorAll("[data-method]")].map((method) => {
  const trio = method.querySelector(".trio");
  trio.innerHTML =
    '<figure><div class="frame"><canvas width="28" height="28" role="img"></canvas>' +
    '<svg viewBox="0 0 28 28" aria-hidden="true"><path /></svg></div><figcaption></figcaption></figure>';
  while (trio.children.length < 3) trio.append(trio.firstChild.cloneNode(true));
  return { name: method.dataset.method, method, figures: [...trio.children] };
});

let other = null; // the digit picked to compare with, null for the runner-up
let given = null;
let image = "";
let odd = false; // what is looked at was called no digit
let sheet = null; // the sprite as it came

async function look(digit) {
  if (!digit) return;
  const answer = await inquire("attribution", { image: digit.image, other: other === digit.label ? null : other });
  [given, image, odd, sheet] = [answer, digit.image, digit.verdict === "not a digit", await unpacked(answer.sprite)];
  show();
}

const decimal = (value, digits = 2) => value.toFixed(digits).replace("-", "−");

function show() {
  const { label, other: second, gap } = given;
  own.querySelector(".question").textContent = say(odd ? "attribution.question.odd" : "attribution.question", { label, other: second });
  for (const button of others.children) {
    const digit = Number(button.dataset.other);
    button.setAttribute("aria-pressed", digit === second);
    button.setAttribute("aria-disabled", digit === label);
  }
  const odds = Math.exp(gap);
  const times = odds >= 1e6 ? "> 1,000,000" : Number(odds.toPrecision(2)).toLocaleString("en");
  own.querySelector(".gap").textContent = say("attribution.gap", { label, other: second, gap: decimal(gap), times });
  const outline = contour(image);
  const maps = coloured(sheet);
  const names = [say("attribution.for", { label }), say("attribution.for", { label: second }), say("attribution.over", { label, other: second })];
  for (const { name, method, figures } of trios) {
    const { limit, boxes } = given.methods[name];
    figures.forEach((figure, i) => {
      const canvas = figure.querySelector("canvas");
      cut(canvas, maps, boxes[i]);
      canvas.setAttribute("aria-label", `${method.querySelector("h4").textContent}: ${names[i]}`);
      figure.querySelector("path").setAttribute("d", outline);
      figure.querySelector("figcaption").textContent = names[i];
    });
    const end = Number(limit.toPrecision(2));
    method.querySelector(".low").textContent = say("attribution.low", { limit: end });
    method.querySelector(".high").textContent = say("attribution.high", { limit: end });
    method.querySelector(".legend canvas").getContext("2d").putImageData(ramp(), 0, 0);
  }
  const [a, b] = [0, 1].map((i) => ({ sum: decimal(given.sums[i]), rise: decimal(given.rises[i]), error: decimal(given.errors[i]) }));
  own.querySelector('[data-method="integrated"] .sum').textContent = say("attribution.sum", {
    ...{ label, sum: a.sum, rise: a.rise, error: a.error },
    ...{ other: second, sum2: b.sum, rise2: b.rise, error2: b.error, steps: given.steps },
  });
  showNearest();
}

/** The line around the ink of a model image: an SVG path in its pixels, where the ink is half (marching squares). */
function contour(text) {
  const bytes = atob(text);
  const ink = (x, y) => (x < 0 || y < 0 || x > 27 || y > 27 ? 0 : bytes.charCodeAt(28 * y + x)) - 127.5;
  let path = "";
  for (let y = -1; y < 28; y++) {
    for (let x = -1; x < 28; x++) {
      const corners = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]];
      const crossings = corners.flatMap(([x0, y0], i) => {
        const [x1, y1] = corners[(i + 1) % 4];
        const [from, to] = [ink(x0, y0), ink(x1, y1)];
        if (from > 0 === to > 0) return [];
        const at = from / (from - to);
        return [`${(x0 + at * (x1 - x0) + 0.5).toFixed(2)} ${(y0 + at * (y1 - y0) + 0.5).toFixed(2)}`];
      });
      for (let i = 0; i < crossings.length; i += 2) path += `M${crossings[i]}L${crossings[i + 1]}`;
    }
  }
  return path;
}

function showNearest() {
  const tiles = given.neighbours.map(({ label, distance, box }) => {
    const tile = document.createElement("li");
    tile.innerHTML = '<canvas width="28" height="28" role="img"></canvas><b></b><span></span>';
    const another = label !== given.label;
    tile.classList.toggle("odd", another);
    const canvas = tile.querySelector("canvas");
    cut(canvas, sheet, box);
    canvas.setAttribute("aria-label", say("attribution.nearest.image", { label }));
    tile.querySelector("b").textContent = another ? `${label} ≠ ${given.label}` : label;
    tile.querySelector("span").textContent = decimal(distance, 1);
    return tile;
  });
  nearest.replaceChildren(...tiles);
}

others.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  other = Number(button.dataset.other);
  again("attribution");
});

follow("attribution", look);
