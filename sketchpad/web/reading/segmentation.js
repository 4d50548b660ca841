// Groups strokes into digits. A port of model/input/segmentation.py, which explains every step; this file has the
// same names, constants and order of operations. No DOM.
import { distance, join, overlap, Part, smallest } from "./parts.js";
import { bounds, resample } from "./strokes.js";

const TOUCH = 0.06;
const OVERLAP = 0.5;
const LINE = 0.4;
const FAR = 12;
const MAX_RUN = 4;
const MAX_PARTS = 24;
const SAMPLES = 48;
const EVEN = 0.05;
const SPACE = 0.06;
const ASIDE = 0.15;
const RING = 0.5;
const STACK = 0.5;
const SHARED = 0.4;
const STACKED = 3;
const DOT = 0.12;

/** @typedef {import("./strokes.js").Stroke} Stroke */
/** @typedef {Part[][]} Layout */
/**
 * A candidate for a digit: the neighbouring parts `first` to `last` (inclusive) of a line, and its cost in nats.
 * @typedef {{ first: number, last: number, whole: Part, cost: number }} Run
 */

/**
 * Strokes, joined if they touch and overlap, left to right by the middle of their box.
 * @param {readonly Stroke[]} strokes
 */
export function partsOfStrokes(strokes) {
  if (!strokes.length) return [];
  const singles = strokes.map((stroke) => new Part([stroke], bounds([stroke])));
  if (singles.length > 4 * MAX_PARTS) return [join(singles)];
  const reach = TOUCH * Math.max(...singles.map((single) => single.height));
  /** @type {Part[][]} */
  let groups = [];
  for (const single of singles) {
    const near = groups.filter((group) => group.some((other) => belongTogether(single, other, reach)));
    groups = groups.filter((group) => !near.includes(group));
    groups.push([single, ...near.flat()]);
  }
  const parts = joinDots(leftToRight(groups.map(join)));
  return parts.length <= MAX_PARTS ? parts : [join(parts)];
}

/** @param {Part[]} parts */
const leftToRight = (parts) => [...parts].sort((a, b) => a.middle - b.middle);

/**
 * Parts with each dot joined to the part beside it, or dropped if there is none.
 * @param {Part[]} parts
 */
function joinDots(parts) {
  const height = parts.length ? join(parts).height : 0;
  const kept = parts.filter((part) => part.side >= DOT * height);
  for (const dot of parts) {
    if (!kept.length || kept.includes(dot)) continue;
    const nearest = smallest(kept, (part) => distance(part, dot));
    if (distance(nearest, dot) <= DOT * height) kept[kept.indexOf(nearest)] = join([nearest, dot]);
  }
  return kept.length ? kept : parts;
}

/** @param {Part} a @param {Part} b @param {number} reach */
function belongTogether(a, b, reach) {
  const [[first = []], [second = []]] = [a.items, b.items];
  return overlap(a, b) >= OVERLAP && strokeDistance(first, second) <= reach;
}

/**
 * Smallest distance between two strokes, each sampled at SAMPLES points.
 * @param {Stroke} a @param {Stroke} b
 */
function strokeDistance(a, b) {
  const [p, q] = [resample(a, SAMPLES - 1), resample(b, SAMPLES - 1)];
  const between = (
    /** @type {Float64Array} */ one,
    /** @type {number} */ i,
    /** @type {Float64Array} */ two,
    /** @type {number} */ j,
  ) => {
    const [x, y] = [(one[i] ?? 0) - (two[j] ?? 0), (one[i + 1] ?? 0) - (two[j + 1] ?? 0)];
    return Math.sqrt(x * x + y * y);
  };
  let gap = Infinity;
  for (let i = 0; i < p.length; i += 2) {
    for (let j = 0; j < q.length; j += 2) gap = Math.min(gap, between(p, i, q, j));
  }
  return gap - (between(p, 2, p, 0) + between(q, 2, q, 0)) / 2;
}

/**
 * The candidates for grouping parts into lines, top to bottom, each line left to right.
 * @param {Part[]} parts
 * @returns {Layout[]}
 */
export function findLayouts(parts) {
  /** @type {Layout} */
  const lines = [];
  for (const part of [...parts].sort((a, b) => a.box[1] - b.box[1])) {
    const line = lines.at(-1);
    if (line && part.box[1] < join(line).box[3]) line.push(part);
    else lines.push([part]);
  }
  const layouts = [joinLowLines(lines, 1), joinLowLines(lines, parts.length)];
  if (parts.length <= MAX_RUN) layouts.push([parts]);
  const distinct = layouts.filter((layout, n) => layout.length !== (layouts[n - 1] ?? []).length);
  return distinct.map((layout) => layout.map(leftToRight));
}

/**
 * Lines, with every two neighbours joined that may be one line of 8s written as two rings each.
 * @param {Layout} lines
 * @returns {Layout}
 */
function joinRings(lines) {
  const [upper, lower, ...rest] = lines;
  if (!upper || !lower) return lines;
  if (areRings(upper, lower)) return [[...upper, ...lower], ...joinRings(rest)];
  return [upper, ...joinRings([lower, ...rest])];
}

/** @param {Part[]} upper @param {Part[]} lower */
function areRings(upper, lower) {
  const [above, below] = [leftToRight(upper), leftToRight(lower)];
  const isAbove = (/** @type {Part} */ a, /** @type {Part} */ b) =>
    b.box[1] - a.box[3] <= (STACK * (a.height + b.height)) / 2 && overlap(a, b) >= SHARED;
  return (
    above.length === below.length &&
    [...above, ...below].every((part) => part.width >= RING * part.height) &&
    above.every((part, n) => isAbove(part, /** @type {Part} */ (below[n])))
  );
}

/**
 * Lines, with each low line of up to `most` parts joined to the nearest line above or below.
 * @param {Layout} lines
 * @param {number} most
 * @returns {Layout}
 */
function joinLowLines(lines, most) {
  const wholes = lines.map(join);
  const lowest = LINE * Math.max(...wholes.map((whole) => whole.height));
  const low = lines.findIndex((line, n) => line.length <= most && (wholes[n]?.height ?? 0) < lowest);
  if (low < 0) return lines;
  const whole = (/** @type {number} */ n) => /** @type {Part} */ (wholes[n]);
  const beside = [low - 1, low + 1].filter((n) => n >= 0 && n < lines.length);
  const first = Math.min(
    low,
    smallest(beside, (n) => distance(whole(low), whole(n))),
  );
  const joined = lines.slice(first, first + 2).flat();
  return joinLowLines([...lines.slice(0, first), joined, ...lines.slice(first + 2)], most);
}

/**
 * All runs of up to MAX_RUN neighbours that could be one digit, with their geometric costs.
 * @param {Part[]} line
 * @returns {Run[]}
 */
export function findRuns(line) {
  const height = Math.max(join(line).height, 1e-9);
  /** @type {Run[]} */
  const runs = [];
  for (let first = 0; first < line.length; first++) {
    let cost = gapCost(line, first, height, true);
    for (let last = first; last < Math.min(first + MAX_RUN, line.length); last++) {
      if (last > first) cost += gapCost(line, last, height, false);
      if (last > first && cost > FAR) break;
      runs.push({ first, last, whole: join(line.slice(first, last + 1)), cost });
    }
  }
  return runs;
}

/**
 * Cost in nats of a space, or of no space, before part `n` of a line.
 * @param {Part[]} line @param {number} n @param {number} height @param {boolean} space
 */
function gapCost(line, n, height, space) {
  const [before, part] = [line[n - 1], line[n]];
  if (!before || !part) return 0;
  const left = Math.min(...line.slice(n).map(({ box }) => box[0]));
  const right = Math.max(...line.slice(0, n).map(({ box }) => box[2]));
  const aside = Math.min(Math.max(overlap(before, part, 1), 0), 1);
  const odds = ((left - right) / height - EVEN - ASIDE * (1 - aside)) / SPACE;
  return Math.log1p(Math.exp(Math.min(space ? -odds : odds, 50)));
}

/**
 * The indices of the runs that cover the line at the lowest cost, left to right, and that cost in nats.
 * @param {Part[]} line
 * @param {Run[]} runs
 * @param {number[]} likeness each run's probability of being the digit it is read as
 */
export function bestPath(line, runs, likeness) {
  /** @type {{ cost: number, path: number[] }[]} */
  const best = [{ cost: 0, path: [] }, ...line.map(() => ({ cost: Infinity, path: [] }))];
  runs.forEach((run, n) => {
    const [before, after] = [best[run.first], best[run.last + 1]];
    if (!before || !after) return;
    const parts = run.last - run.first + 1;
    const cost = before.cost + run.cost - parts * Math.log(Math.max(likeness[n] ?? 0, 1e-6));
    if (cost < after.cost) best[run.last + 1] = { cost, path: [...before.path, n] };
  });
  return /** @type {{ cost: number, path: number[] }} */ (best.at(-1));
}

/** All candidates for the digits of a drawing's parts, and the choice among them. */
export class Lattice {
  /** @param {Part[]} parts */
  constructor(parts) {
    const layouts = findLayouts(parts);
    const linesOf8s = joinRings(layouts[0] ?? []);
    const stacked = linesOf8s.length < (layouts[0] ?? []).length ? [linesOf8s.map(leftToRight)] : [];
    this.layouts = [...layouts, ...stacked].map((layout, n) => ({
      cost: n < layouts.length ? 0 : -STACKED,
      lines: layout.map((line) => ({ line, runs: findRuns(line) })),
    }));
    /** The candidates, in the order of the likenesses for `best`. */
    this.runs = this.layouts.flatMap(({ lines }) => lines.flatMap(({ runs }) => runs));
  }

  /**
   * For each line, the indices into `runs` of its digits.
   * @param {number[]} likeness as in `bestPath`
   */
  best(likeness) {
    let start = 0;
    const choices = this.layouts.map(({ cost: prior, lines }) => {
      let total = prior;
      const chosen = lines.map(({ line, runs }) => {
        const { path, cost } = bestPath(line, runs, likeness.slice(start, start + runs.length));
        const indices = path.map((n) => start + n);
        total += cost;
        start += runs.length;
        return indices;
      });
      return { total, chosen };
    });
    return smallest(choices, ({ total }) => total).chosen;
  }
}
