// Train here: starts, watches and stops the one run there is, and lets the newest network read a small pad.

const WATCH = 700; // ms between two looks at a run
const INK = 12; // the pen's width, in the pad's units
const here = find(".here-body") && find(".here");

if (here) {
  const side = props.side;
  const body = find(".here-body");
  const charts = chartsIn(body, "seconds");
  const buttons = Object.fromEntries(all("[data-here]").map((button) => [button.dataset.here, button]));
  const bar = find(".here-tools progress");
  const status = find(".here-status");
  let run = 0;
  let rows = [];
  let token = ""; // of the run that this visitor started
  let timer = 0;
  let last = null;

  const ask = (name, payload) => server[name](payload).catch(() => null);

  function take(given) {
    problem(here, given ? (given.error ?? "") : say("training.silent"));
    if (!given || given.error) return;
    if (given.run !== run) [run, rows] = [given.run, []];
    if (given.token) token = given.token;
    const news = given.rows.length;
    rows.push(...given.rows);
    const before = last?.state;
    last = given;
    tell();
    if (news) {
      charts.show(linesOf(rows, (row) => row.passed, "training.series.held"), [0, given.limit]);
      read();
    }
    if (given.state !== "running") {
      token = "";
      if (before === "running") {
        read();
        element.dispatchEvent(new Event("here:over"));
      }
    }
  }

  /** Say how the run stands. */
  function tell() {
    const { state, phase, passed, limit, mnist, said } = last;
    const running = state === "running";
    const left = Math.max(0, Math.round(limit - passed));
    const newest = rows.at(-1);
    const images = newest?.images.toLocaleString("en");
    const learns = say(mnist ? "training.here.both" : "training.here.synthetic");
    body.hidden = state === "none";
    buttons.start.setAttribute("aria-disabled", running);
    buttons.start.textContent = say(rows.length && !running ? "training.here.again" : "training.here.start");
    buttons.stop.hidden = !(running && token);
    bar.hidden = !running;
    bar.value = passed / limit;
    const sentences = {
      none: () => "",
      failed: () => say("training.here.failed", { said }),
      over: () =>
        newest
          ? say("training.here.over", { images, passed: Math.round(newest.passed), accuracy: KINDS.accuracy.said(newest.val_accuracy) })
          : "",
      running: () =>
        !token ? say("training.here.busy", { left })
        : images ? say("training.here.learning", { images, left })
        : say(`training.here.${phase}`),
    };
    // Told to those who listen when it changes in kind, not every second.
    status.setAttribute("aria-live", running && images ? "off" : "polite");
    status.textContent = `${sentences[state]()} ${learns}`;
  }

  /** Look at the run now and, while it is under way and somebody looks, again and again. */
  async function watch() {
    clearTimeout(timer);
    if (!here.offsetParent) return;
    take(await ask("lesson", { run, after: rows.length }));
    if (last?.state === "running") timer = setTimeout(watch, WATCH);
  }

  buttons.start.addEventListener("click", async () => {
    if (buttons.start.getAttribute("aria-disabled") === "true") return;
    buttons.start.setAttribute("aria-disabled", true);
    take(await ask("train", null));
    if (last?.state === "running") {
      body.scrollIntoView({ block: "nearest", behavior: "smooth" });
      watch();
    } else buttons.start.setAttribute("aria-disabled", false);
  });
  buttons.stop.addEventListener("click", async () => {
    buttons.start.focus();
    take(await ask("stop", { token }));
    watch();
  });
  new IntersectionObserver((seen) => seen.at(-1).isIntersecting && watch()).observe(here);
  document.addEventListener("sketchpad:language", () => last && tell());

  // The small pad. What is drawn on the Draw tab stands on it until somebody draws here.
  const canvas = find(".small-pad canvas");
  const ink = canvas.getContext("2d");
  let strokes = [];
  let pointer = null;
  let touched = false;
  let busy = false;
  let changed = false;

  function paint() {
    const scale = canvas.width / side;
    ink.setTransform(scale, 0, 0, scale, 0, 0);
    ink.clearRect(0, 0, side, side);
    ink.strokeStyle = getComputedStyle(canvas).color;
    ink.lineWidth = INK;
    ink.lineCap = ink.lineJoin = "round";
    for (const stroke of strokes) {
      const [first, ...rest] = stroke;
      ink.beginPath();
      ink.moveTo(...first);
      for (const point of rest) ink.lineTo(...point);
      ink.lineTo(stroke.at(-1)[0] + 0.01, stroke.at(-1)[1]); // a dot has no length, and would not be painted
      ink.stroke();
    }
    find(".small-pad .hint").hidden = strokes.length > 0;
  }

  function draw(next) {
    strokes = next;
    paint();
    read();
  }

  function follow(event) {
    const area = canvas.getBoundingClientRect();
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) {
      const at = [(each.clientX - area.left) / area.width, (each.clientY - area.top) / area.height];
      strokes.at(-1).push(at.map((v) => Math.round(10 * side * Math.min(1, Math.max(0, v))) / 10));
    }
    draw(strokes);
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button) return;
    canvas.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    if (!touched) strokes = [];
    touched = true;
    strokes = [...strokes, []];
    follow(event);
  });
  canvas.addEventListener("pointermove", (event) => event.pointerId === pointer && follow(event));
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId === pointer) pointer = null;
    });
  }
  buttons.clear.addEventListener("click", () => {
    touched = true;
    pointer = null; // a stroke that is under way ends with the others
    draw([]);
  });
  const copy = (drawing) => {
    if (!touched && !drawing?.sheet.picture) draw((drawing?.sheet.strokes ?? []).map((stroke) => [...stroke]));
  };
  document.addEventListener("sketchpad:answer", ({ detail }) => copy(detail));

  /** Ask what the network trained here reads, one question at a time and the newest next. */
  async function read() {
    changed = true;
    if (busy || !here.offsetParent) return;
    busy = true;
    while (changed) {
      changed = false;
      const given = strokes.length && rows.length ? await ask("read_here", strokes) : { digits: [] };
      if (given) tellReading(given);
    }
    busy = false;
  }

  const bars = Array.from({ length: 10 }, (_, label) => {
    const item = document.createElement("li");
    item.innerHTML = "<i></i><span></span>";
    item.lastChild.textContent = label;
    return item;
  });
  find(".try-bars").replaceChildren(...bars);

  function tellReading({ text, digits = [], error = "" }) {
    if (error) console.info(error);
    const digit = digits.at(-1);
    find(".try-reading").textContent = digit ? text : "–";
    find(".try-verdict").textContent = digit ? say(`verdict.${digit.verdict}`, inWords(digit)) : "";
    bars.forEach((item, label) => {
      const p = digit?.probabilities[label] ?? 0;
      item.style.setProperty("--p", p.toFixed(3));
      item.classList.toggle("best", label === digit?.label);
      item.title = digit ? `${Math.round(100 * p)} %` : "";
    });
  }

  function inWords({ label, probabilities: p }) {
    const second = p.reduce((best, v, i) => (i !== label && (best < 0 || v > p[best]) ? i : best), -1);
    return { label, second };
  }

  new ResizeObserver(() => {
    const size = Math.round(canvas.clientWidth * devicePixelRatio);
    if (!size || size === canvas.width) return;
    canvas.width = canvas.height = size;
    paint();
    read();
  }).observe(canvas);
  new MutationObserver(paint).observe(document.body, { attributeFilter: ["class"] });
  tellReading({});
  copy(window.sketchpad.drawing); // what was drawn before this tab was opened
}
