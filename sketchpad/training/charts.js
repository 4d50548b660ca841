// Line charts that share one axis, one place on it and one stretch of it: over epochs, or over seconds.
//
// `chartsIn(root, unit)` draws into every [data-chart] of `root`; `unit` is "epoch" or "seconds". What is
// drawn comes by `show({loss: [line, ...], ...})`, a line being {name, colour, other, points: [[x, y], ...]};
// `name` is a sentence's key, `other` the checkpoint that is compared.

const EDGE = { left: 56, right: 14, top: 10, bottom: 30 }; // px around the plot
const HEIGHT = 232;
const FAR = 6; // px that a pointer moves until it draws a stretch to zoom in on
const say = window.sketchpad.say;
const find = (selector) => element.querySelector(selector);
const all = (selector, root = element) => [...root.querySelectorAll(selector)];

// Where a value lies on an axis, which values it may be marked at, and how it is said. The last of a network's
// mistakes matter as much as the first, so loss is logarithmic, and accuracy by its distance from 100 %.
const nines = (error) => -Math.log10(Math.max(error, 1e-5));
const KINDS = {
  loss: {
    place: (v) => Math.log10(Math.max(v, 1e-9)),
    marks: () => decades((digit, power) => digit * 10 ** power),
    said: (v) => Number(v.toPrecision(3)).toString(),
    marked: (v) => Number(v.toPrecision(5)).toString(),
  },
  accuracy: {
    place: (v) => nines(1 - v),
    marks: () => decades((digit, power) => 1 - digit * 10 ** power).filter((v) => v >= 0),
    said: (v) => `${(100 * v).toFixed(2)} %`,
    marked: (v) => `${Number((100 * v).toPrecision(6))} %`,
  },
  get grad_norm() {
    return this.loss;
  },
  lr: {
    place: (v) => v,
    marks: (low, high) => steps(low, high, 5),
    said: (v) => Number(v.toPrecision(3)).toString(),
  },
};

const decades = (value) =>
  [-5, -4, -3, -2, -1, 0, 1].flatMap((power) => [1, 2, 5].map((digit) => value(digit, power)));

/** Round values between two others, about `count` of them, at least `least` apart. */
function steps(low, high, count, least = 0) {
  const raw = Math.max((high - low) / count, least, 1e-12);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(least, [1, 2, 5, 10].find((digit) => digit * power >= raw * 0.999) * power);
  const marks = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; n++) marks.push(n * step);
  return marks;
}

/** Marks inside the range that leave `room` between them; plain steps where the kind has none or one there. */
function marksOf(kind, low, high, at, room) {
  const inside = (marks) => marks.filter((v) => v >= low && v <= high);
  let marks = inside(kind.marks(low, high));
  if (marks.length < 2) marks = inside(steps(low, high, 4));
  marks.sort((a, b) => at(b) - at(a)); // from the bottom up
  return marks.reduce((kept, v) => (kept.length && at(kept.at(-1)) - at(v) < room ? kept : [...kept, v]), []);
}

const svg = (name, attributes, ...children) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

function chartsIn(root, unit) {
  const least = unit === "epoch" ? 1 : 0; // between two marks of the axis
  const charts = all("[data-chart]", root).map((figure) => ({ figure, name: figure.dataset.chart, lines: [] }));
  let domain = [0, 1];
  let stretch = null; // what is zoomed in on, null for all
  let at = null; // the place whose values are said

  const places = () =>
    [...new Set(charts.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(([x]) => x))))].sort((a, b) => a - b);

  /** `range` is the whole axis where it is known before its end is reached. */
  function show(lines, range = null) {
    for (const chart of charts) {
      chart.lines = (lines[chart.name] ?? []).filter(({ points }) => points.length);
      // Older records lack it.
      if ("optional" in chart.figure.dataset) chart.figure.hidden = !chart.lines.length;
    }
    const xs = places();
    if (range) domain = range;
    else if (xs.length) domain = xs.length > 1 ? [xs[0], xs.at(-1)] : [xs[0] - 1, xs[0] + 1];
    if (stretch) zoomTo(...stretch);
    else draw();
  }

  function zoomTo(from, to) {
    const [low, high] = domain;
    const wide = Math.min(high - low, Math.max(to - from, Math.min((high - low) / 4, 2)));
    const start = Math.min(Math.max((from + to - wide) / 2, low), high - wide);
    stretch = wide >= (high - low) * 0.999 ? null : [start, start + wide];
    draw();
  }

  /** By a factor, around the place that is looked at or the middle. */
  function zoom(factor) {
    const [from, to] = stretch ?? domain;
    const middle = at !== null && at >= from && at <= to ? at : (from + to) / 2;
    zoomTo(middle - ((middle - from) / factor), middle + ((to - middle) / factor));
  }

  function look(x) {
    at = x;
    draw();
  }

  function whole() {
    stretch = null;
    draw();
  }

  function draw() {
    const here = root.querySelector(".place");
    const [from, to] = stretch ?? domain;
    const round = (v) => (unit === "epoch" ? Number(v.toFixed(1)) : Math.round(v));
    if (here) {
      here.textContent =
        at === null ? say("training.place.epochs", { from: round(from), to: round(to) }) : say(`training.place.${unit}`, { at: round(at) });
    }
    for (const chart of charts) drawOne(chart);
  }

  /** A line's point at, or last before, the place that is looked at; without one, its last. */
  const pointOf = ({ points }) => (at === null ? points.at(-1) : points.findLast(([x]) => x <= at + 1e-9));

  function drawOne(chart) {
    const { plot, name, lines } = chart;
    const kind = KINDS[name];
    const width = plot.clientWidth;
    if (!width) return; // in a hidden tab; drawn when it has a size
    const [from, to] = stretch ?? domain;
    const shown = lines.flatMap(({ points }) =>
      points.filter(([x], i) => (points[i + 1]?.[0] ?? x) >= from && (points[i - 1]?.[0] ?? x) <= to),
    );
    const values = shown.map(([, y]) => y);
    let [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0.1, 0.9];
    if (low === high) [low, high] = [low - Math.abs(low) * 0.1 - 1e-3, high + Math.abs(high) * 0.1];
    const [bottom, top] = [kind.place(low), kind.place(high)];
    const air = (top - bottom) * 0.06;
    const [right, base] = [width - EDGE.right, HEIGHT - EDGE.bottom];
    const x = (v) => EDGE.left + ((right - EDGE.left) * (v - from)) / (to - from || 1);
    const y = (v) => base - ((base - EDGE.top) * (kind.place(v) - bottom + air)) / (top - bottom + 2 * air);
    chart.toValue = (px) => from + ((px - EDGE.left) / (right - EDGE.left)) * (to - from);
    chart.toPlace = x;

    const body = [];
    for (const v of marksOf(kind, low, high, y, 22)) {
      body.push(svg("path", { d: `M${EDGE.left} ${y(v)}H${right}`, class: "grid" }));
      body.push(svg("text", { x: EDGE.left - 8, y: y(v) + 4, class: "end" }, (kind.marked ?? kind.said)(v)));
    }
    for (const v of steps(from, to, Math.max(2, (right - EDGE.left) / 64), least)) {
      body.push(svg("path", { d: `M${x(v)} ${base}v5`, class: "tick" }));
      body.push(svg("text", { x: x(v), y: base + 18, class: "centre" }, String(Number(v.toPrecision(6)))));
    }
    body.push(svg("path", { d: `M${EDGE.left} ${base}H${right}`, class: "tick" }));
    // A nested svg cuts off what lies outside of the stretch.
    const inner = svg("svg", { x: EDGE.left - 5, y: 0, width: right - EDGE.left + 10, height: base + 4 });
    const moved = (px) => px - EDGE.left + 5;
    for (const { points, colour, other } of lines) {
      const d = `M${points.map(([px, py]) => `${moved(x(px)).toFixed(1)} ${y(py).toFixed(1)}`).join("L")}`;
      inner.append(svg("path", { d, class: `line ${colour}${other ? " other" : ""}` }));
    }
    if (at !== null && at >= from && at <= to) {
      inner.append(svg("path", { d: `M${moved(x(at))} ${EDGE.top}V${base}`, class: "here" }));
    }
    for (const line of lines) {
      const point = pointOf(line);
      if (!point || point[0] < from || point[0] > to) continue;
      inner.append(svg("circle", { cx: moved(x(point[0])), cy: y(point[1]), r: 4, class: `dot ${line.colour}` }));
    }
    if (chart.drawn) {
      const [a, b] = chart.drawn.map((px) => Math.min(right, Math.max(EDGE.left, px))).sort((p, q) => p - q);
      body.push(svg("rect", { x: a, y: EDGE.top, width: b - a, height: base - EDGE.top, class: "stretch" }));
    }
    plot.replaceChildren(svg("svg", { width, height: HEIGHT, "aria-hidden": "true" }, ...body, inner));
    legend(chart, kind);
  }

  function legend(chart, kind) {
    const entries = chart.lines.map((line) => {
      const entry = document.createElement("li");
      const value = document.createElement("b");
      const point = pointOf(line);
      value.textContent = point ? kind.said(point[1]) : "–";
      entry.className = `${line.colour}${line.other ? " other" : ""}`;
      entry.append(`${say(line.name)}${line.other ? ` (${line.other})` : ""} `, value);
      return entry;
    });
    chart.legend.replaceChildren(...entries);
    const xs = places();
    const where = at ?? xs.at(-1) ?? 0;
    chart.plot.setAttribute("aria-valuemin", xs[0] ?? 0);
    chart.plot.setAttribute("aria-valuemax", xs.at(-1) ?? 0);
    chart.plot.setAttribute("aria-valuenow", where);
    const said = entries.map((entry) => entry.textContent).join(", ");
    chart.plot.setAttribute("aria-valuetext", `${say(`training.place.${unit}`, { at: Number(where.toFixed(1)) })}: ${said}`);
  }

  const nearest = (x) => places().reduce((best, v) => (best === null || Math.abs(v - x) < Math.abs(best - x) ? v : best), null);

  for (const chart of charts) {
    chart.figure.innerHTML =
      `<figcaption><span data-text="training.${chart.name}"></span><ul class="legend"></ul></figcaption>` +
      `<div class="plot" role="slider" tabindex="0" data-text-label="training.${chart.name}" aria-valuenow="0"></div>` +
      `<p class="axis-name" aria-hidden="true" data-text="training.${unit}"></p>`;
    const plot = (chart.plot = chart.figure.querySelector(".plot"));
    chart.legend = chart.figure.querySelector(".legend");
    const along = (event) => event.clientX - plot.getBoundingClientRect().left;
    let from = null;
    plot.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button) return;
      from = along(event);
      plot.setPointerCapture(event.pointerId);
      if (chart.toValue) look(nearest(chart.toValue(from)));
    });
    plot.addEventListener("pointermove", (event) => {
      if (!chart.toValue || !event.isPrimary) return;
      const far = from !== null && Math.abs(along(event) - from) > FAR;
      chart.drawn = far ? [from, along(event)] : null;
      look(nearest(chart.toValue(along(event))));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      plot.addEventListener(end, () => {
        const drawn = chart.drawn;
        from = chart.drawn = null;
        if (drawn && end === "pointerup") zoomTo(...drawn.map(chart.toValue).sort((a, b) => a - b));
        else draw();
      });
    }
    plot.addEventListener("pointerleave", () => plot.matches(":focus-visible") || look(null));
    plot.addEventListener("blur", () => look(null));
    plot.addEventListener("dblclick", whole);
    plot.addEventListener("keydown", (event) => {
      const [first, last] = stretch ?? domain;
      const xs = places().filter((v) => v >= first && v <= last);
      const now = at === null ? xs.length - 1 : Math.max(0, xs.findLastIndex((v) => v <= at + 1e-9));
      const keys = {
        ArrowLeft: () => look(xs[Math.max(0, now - 1)]),
        ArrowRight: () => look(xs[Math.min(xs.length - 1, now + 1)]),
        Home: () => look(xs[0]),
        End: () => look(xs.at(-1)),
        "+": () => zoom(2),
        "=": () => zoom(2),
        "-": () => zoom(0.5),
        Escape: whole,
      };
      if (!keys[event.key] || event.ctrlKey || event.metaKey || !xs.length) return;
      event.preventDefault();
      keys[event.key]();
    });
    new ResizeObserver(() => drawOne(chart)).observe(plot);
  }
  document.addEventListener("sketchpad:language", draw);
  return { show, zoom, whole };
}

/** The lines of a history's rows; `over` says where a row lies on the axis. */
function linesOf(rows, over, held, other = "") {
  const line = (key, name, colour) => ({
    name,
    colour,
    other,
    points: rows.filter((row) => typeof row[key] === "number").map((row) => [over(row), row[key]]),
  });
  return {
    loss: [line("loss", "training.series.train", "train")],
    accuracy: [line("train_accuracy", "training.series.train", "train"), line("val_accuracy", held, "held")],
    lr: [line("lr", "training.lr", "rate")],
    grad_norm: [line("grad_norm", "training.grad_norm", "train")],
  };
}
