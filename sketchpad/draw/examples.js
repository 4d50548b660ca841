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
// The first four of MNIST's test images, 7, 2, 1 and 0, as PNG (LeCun, Cortes and Burges; CC BY-SA 3.0).
const MNIST = [
  "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAwUlEQVR42mNgGDaAEUKFpD77sfTFHeyS9xQYGBg+X4UKPuk6w8DAwMDAAuGm6l/TMnSweCzLwPDntSTDozPIOhkYGBgYBA3PmDIw/Lh1XShnGi5nBP+9KIRLTuzl/2AokwlDMlv0/U1cGq1//rPD6fHWf7tZcclxnv1hhVNj3b9tOOW8f3+wxCUnfPffMlxyzKf/3VbGJan2758vLjn5B/+KGXF78Z8JLjnbT+iSSGFrw8Nw9wuKJAsy56LzO+ITGABpETyQcCy90wAAAABJRU5ErkJggg==",
  "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAA7klEQVR42mNgoAlgRDBLOPVCGKYfX4xN2cq/f//+/fv3lhxCiBkuF8LAcGPpa3Wht4cx9Jn8+ntJgYeB7dzfHkxDfX9fkmRgYKj68dcRi5XyQgwMDAwX/2KVZGBgYGAo/f73GBcOOZ/vf5/bI/GZUFzFxrDyIA6NG779nc+DQ07y1d+Xyrhcc+zv315ccn4//u7FZajwCTwa2/7+XYtLI8OPv38l0cVYkNhCvxkYGD7+ZuVnECxkYPhb/g1Z8hIDAwPD6ufi4RDui1Z4Sljnj1D15x/DpjMMR44jkkkZKwODdjgDw7wHDOuuMwxOAABaWVBoM8qS8AAAAABJRU5ErkJggg==",
  "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAiUlEQVR42mNgoD9gRhdQe/3uFIzNhC5p+O8pbqPaP+KW0/0yDcFBN1adayVunafuc+OUU/h3gwGnsfYMr3FL6jJ04TTV8u1ZDpw6nYVu/MApqf9/DU5TJV5cR+Gj6EwQO4FbUp7hPe7gefLPCadOW3E8Ed/77ywzLp1cXgxr/uLSyHpsAxfDgAMAUBMg+xetJ/UAAAAASUVORK5CYII=",
  "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAA8klEQVR42mNgGGDAPe3vKXlckqq/f//NRuIzIbFFF6ApZkYw82qtGBgYv0pyPMRi6N/fv3///vv79x1jTLlt///+/fv31b2/f/9iyNnf/fv79+/JvnYNv39noskpPP/99/edTi4GBvlnvz8XsmL4Yo8IAwMDA0Pu77+/ldElT8pBmPInYJJwfzIxmT+CsBiZmJgaUXT2/P4NY2IaexMmKWr//PffZ3LYJSf8/v37ri2EzYIeFOoMDAzXD6MK3vr719Pzyd+///9iCaHC379hYft7Mrqk/DOo5LO9ylwYYWvXB5HMxp4OPNb9XuvuITfASRUAJJOAOuL1BrIAAAAASUVORK5CYII=",
].map((png) => `data:image/png;base64,${png}`);
const PAINTED = 8; // times as large on the pad
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

// One button for MNIST's own digits: each press shows the next of them, painted large.
const mnist = find('[data-start="mnist"]');
const nextOfMnist = Object.assign(new Image(), { alt: "", src: MNIST[0] });
mnist.append(nextOfMnist);
mnist.addEventListener("click", async () => {
  await nextOfMnist.decode();
  showPicture(nextOfMnist, PAINTED);
  nextOfMnist.src = MNIST[(MNIST.indexOf(nextOfMnist.src) + 1) % MNIST.length];
});

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
  showPicture(bitmap, Math.min(1, SHARP / Math.max(bitmap.width, bitmap.height)));
  bitmap.close();
}

/** Put a picture on the pad at another scale: one step of the history. */
function showPicture(source, scale) {
  const image = document.createElement("canvas");
  image.width = Math.max(1, Math.round(source.width * scale));
  image.height = Math.max(1, Math.round(source.height * scale));
  const view = image.getContext("2d");
  view.imageSmoothingQuality = "high";
  view.drawImage(source, 0, 0, image.width, image.height);
  conclude();
  edit({ strokes: [], picture: { image, data: image.toDataURL("image/webp", 0.9) } });
}
