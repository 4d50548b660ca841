// Ways to begin: examples that draw themselves, and pictures from a file, the camera, the clipboard or a drop.

// Handles that the pen goes through on a smooth curve, "!" a corner, "|" lifts the pen; pad units.
const EXAMPLES = {
  three: "84,78 120,50 165,58 182,92 158,126 122,136! 168,144 194,182 166,226 116,234 78,208",
  seven: "78,68 138,72 204,64! 160,136 124,238 | 104,152 146,150 188,144",
  one: "92,132 124,98 152,48! 148,140 150,236",
  nine: "184,84 146,50 100,78 108,126 152,130 186,82! 190,150 172,212 130,236 92,214",
  five: "62,180! 36,180! 33,203! 48,199 66,213 58,236 32,240 | 62,180 70,179",
  row:
    "22,110 42,92 62,108 50,142 20,178! 44,176 70,180 | 106,96 86,112 84,152 100,178 122,168 128,124 106,96" +
    " | 146,112 166,92 186,108 174,142 144,178! 168,176 194,180 | 244,92 218,124 210,160 232,180 254,160 238,138 212,154",
  letter: "82,236! 140,48! 200,236 | 104,168 140,166 178,168",
  heart: "140,96! 116,62 76,66 64,108 96,168 140,226! 186,166 216,108 202,66 164,62 140,96",
};
const DRAWN_IN = 700; // ms that an example takes to draw itself
const LARGEST = 30_000_000; // bytes of a picture's file
const SHARP = 1024; // px that a picture is reduced to before it is sent

const still = matchMedia("(prefers-reduced-motion: reduce)");

function example(notation) {
  return notation.split("|").map((stroke) => {
    const pieces = [[]];
    for (const handle of stroke.trim().split(" ")) {
      const at = handle.replace("!", "").split(",").map(Number);
      pieces.at(-1).push(at);
      if (handle.endsWith("!")) pieces.push([at]);
    }
    return Object.assign(pieces.flatMap(spline), { pen: 12 });
  });
}

/** A smooth line through the handles (Catmull-Rom), a point every few units. */
function spline(handles) {
  const points = [];
  handles.slice(1).forEach((to, i) => {
    const from = handles[i];
    const [before, after] = [handles[i - 1] ?? from, handles[i + 2] ?? to];
    const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / 5);
    for (let k = 0; k <= steps; k++) {
      const t = k / steps;
      points.push([0, 1].map((axis) => {
        const [a, b, c, d] = [before, from, to, after].map((handle) => handle[axis]);
        const v = b + ((c - a) * t) / 2 + (a - 2.5 * b + 2 * c - d / 2) * t ** 2 + (1.5 * (b - c) + (d - a) / 2) * t ** 3;
        return Math.round(10 * v) / 10;
      }));
    }
  });
  return points;
}

/** Draw an example in place of what is there, as a hand would, so that the answer can be watched. */
function play(strokes) {
  conclude();
  if (still.matches) {
    edit({ strokes, picture: null });
    return;
  }
  const own = (gesture = { kind: "example", base: [], strokes: [], picture: null });
  const total = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  const started = performance.now();
  (function draw(now) {
    if (gesture !== own) return; // somebody has taken the pen
    let left = Math.max(1, Math.round((total * (now - started)) / DRAWN_IN));
    own.strokes = strokes.flatMap((stroke) => {
      const part = Object.assign(stroke.slice(0, Math.max(0, left)), { pen: stroke.pen });
      left -= stroke.length;
      return part.length ? [part] : [];
    });
    if (left >= 0) {
      conclude();
      return;
    }
    repaint();
    requestAnimationFrame(draw);
  })(started);
}

for (const [name, notation] of Object.entries(EXAMPLES)) {
  const strokes = example(notation);
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.example = name;
  button.dataset.textLabel = button.dataset.textTitle = `start.${name}`;
  button.innerHTML = `<svg viewBox="0 0 280 280" aria-hidden="true"><path d="${strokes.map(trace).join("")}" /></svg>`;
  button.addEventListener("click", () => play(strokes));
  find('[data-start="picture"]').before(button);
}

for (const source of ["picture", "photo"]) {
  const input = find(`[data-source="${source}"]`);
  find(`[data-start="${source}"]`).addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    take(input.files[0]);
    input.value = ""; // the same file may be chosen again
  });
}

document.addEventListener("paste", (event) => {
  const file = event.clipboardData.files[0];
  if (!file || !isOurs(event)) return;
  event.preventDefault();
  take(file);
});

const pad = find("#pad");
pad.addEventListener("dragover", (event) => {
  event.preventDefault();
  pad.classList.add("over");
});
pad.addEventListener("dragleave", () => pad.classList.remove("over"));
pad.addEventListener("drop", (event) => {
  event.preventDefault();
  pad.classList.remove("over");
  take(event.dataTransfer.files[0]);
});

/** Show a picture file on the pad and ask what it reads; reduced first, a photo has no need to travel whole. */
async function take(file) {
  if (!file) return;
  if (file.size > LARGEST) {
    notice(say("picture.large"));
    return;
  }
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    notice(say("picture.broken"));
    return;
  }
  const image = document.createElement("canvas");
  const scale = Math.min(1, SHARP / Math.max(bitmap.width, bitmap.height));
  image.width = Math.max(1, Math.round(bitmap.width * scale));
  image.height = Math.max(1, Math.round(bitmap.height * scale));
  const view = image.getContext("2d");
  view.imageSmoothingQuality = "high";
  view.drawImage(bitmap, 0, 0, image.width, image.height);
  bitmap.close();
  conclude();
  edit({ strokes: [], picture: { image, data: image.toDataURL("image/webp", 0.9) } });
}
