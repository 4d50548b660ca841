// Sums by hand: the sums, when writing counts as an answer, the clock, the score.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Game, NEXT, PAUSES, pauseBefore } from "../../sketchpad/play/game.js";
import {
  duration,
  isBetter,
  keepBest,
  markOf,
  median,
  readBests,
  score,
} from "../../sketchpad/play/score.js";
import { allSums, COUNT, drawSums, LEVELS } from "../../sketchpad/play/sums.js";
import { remember } from "../../sketchpad/ui/storage.js";

const SUMS = [
  { a: 7, b: 5, sign: "+", answer: "12" },
  { a: 3, b: 4, sign: "+", answer: "7" },
];

/** A game on a clock that the test turns. */
function play(sums = SUMS) {
  let now = 5000;
  const game = new Game(sums, now);
  const wait = (ms) => {
    for (const end = now + ms; now < end; ) {
      now = Math.min(end, now + 50);
      game.tick(now);
    }
  };
  /** Write for `ms`, lift the pen, and read `text` after `server` ms. */
  const write = (text, { ms = 400, sure = true, server = 0 } = {}) => {
    game.write(now);
    wait(ms);
    game.lift(now);
    wait(server);
    game.read(text, sure, now);
  };
  return { game, wait, write, time: () => now };
}

test("a game has twenty different sums of its level, the same for the same number", () => {
  for (const level of Object.values(LEVELS)) {
    const all = allSums(level).map(({ a, b }) => `${a},${b}`);
    for (const number of [0, 1, 9999]) {
      const sums = drawSums(level, number);
      const pairs = sums.map(({ a, b }) => `${[a, b].sort((x, y) => x - y)}`);
      assert.equal(new Set(pairs).size, COUNT);
      assert.ok(pairs.every((pair) => all.includes(pair)));
      assert.deepEqual(drawSums(level, number), sums);
      for (const { a, b, sign, answer } of sums) assert.equal(sign === "+" ? a + b : a * b, Number(answer));
    }
    assert.notDeepEqual(drawSums(level, 1), drawSums(level, 2));
  }
});

test("every sum of a level comes up about as often, in both orders", () => {
  const games = 2000;
  for (const level of Object.values(LEVELS)) {
    const counts = new Map(allSums(level).map(({ a, b }) => [`${a},${b}`, 0]));
    let swapped = 0;
    for (let number = 0; number < games; number++) {
      for (const { a, b } of drawSums(level, number)) {
        const pair = a < b ? `${a},${b}` : `${b},${a}`;
        counts.set(pair, counts.get(pair) + 1);
        swapped += Number(a > b);
      }
    }
    const expected = (games * COUNT) / counts.size;
    const spread = 5 * Math.sqrt(expected);
    for (const [pair, n] of counts)
      assert.ok(Math.abs(n - expected) < spread, `${pair}: ${n} of ${expected}`);
    assert.ok(swapped > 0.35 * games * COUNT && swapped < 0.5 * games * COUNT);
  }
});

test("the levels are what their names say", () => {
  const answers = (level) => allSums(level).map(({ answer }) => Number(answer));
  assert.deepEqual([Math.min(...answers(LEVELS.ten)), Math.max(...answers(LEVELS.ten))], [2, 10]);
  assert.deepEqual([Math.min(...answers(LEVELS.twenty)), Math.max(...answers(LEVELS.twenty))], [11, 20]);
  assert.deepEqual([Math.min(...answers(LEVELS.tables)), Math.max(...answers(LEVELS.tables))], [4, 81]);
  assert.equal(allSums(LEVELS.tables).length, 36);
});

test("the beginning of the answer never counts as wrong, fewer digits late, what is unclear never", () => {
  const pause = (text, answer, sure = true) => pauseBefore({ text, sure }, answer);
  assert.equal(pause("12", "12"), PAUSES.right);
  assert.equal(pause("12", "12", false), PAUSES.right);
  assert.equal(pause("1", "12"), Infinity);
  assert.equal(pause("", "12"), Infinity);
  assert.equal(pause("7", "12"), PAUSES.short);
  assert.equal(pause("13", "12"), PAUSES.wrong);
  assert.equal(pause("112", "12"), PAUSES.wrong);
  assert.equal(pause("13", "12", false), Infinity);
});

test("the right answer ends the sum at once; its time ends with the stroke, however slow the server is", () => {
  for (const server of [0, 3000]) {
    const { game, wait, write } = play();
    wait(1000);
    write("12", { ms: 400, server });
    assert.equal(game.elapsed, 1400);
    wait(server ? 50 : PAUSES.right);
    assert.equal(game.phase, "done");
    assert.deepEqual(game.results[0], {
      ...{ sum: SUMS[0], outcome: "right", ms: 1400, errors: 0, misread: 0, typed: false },
    });
    while (game.phase === "done") wait(50);
    assert.equal(game.sum, SUMS[1]);
    assert.equal(game.elapsed, 1400);
  }
});

test("one may think for long between the two digits of an answer", () => {
  const { game, wait, write } = play();
  write("1");
  wait(30_000);
  assert.equal(game.phase, "asking");
  write("12");
  wait(PAUSES.right);
  assert.equal(game.results[0].errors, 0);
});

test("nothing counts while the pen is down, and the next stroke takes back what has not counted", () => {
  const { game, wait, write, time } = play();
  write("13");
  wait(PAUSES.wrong - 100);
  game.write(time());
  wait(5000);
  assert.equal(game.phase, "asking");
  game.read("12", true, time()); // an answer to an older drawing
  assert.equal(game.entry, null);
});

test("a wrong answer counts after its pause, and is corrected by writing again", () => {
  const { game, wait, write } = play();
  write("13");
  wait(PAUSES.wrong);
  assert.equal(game.phase, "wrong");
  wait(5000);
  assert.equal(game.errors, 1); // once
  write("12");
  wait(PAUSES.right);
  assert.equal(game.results[0].errors, 1);
  assert.equal(game.results[0].misread, 0);
  assert.equal(markOf(game.results[0]), "corrected");
});

test("a reading that is cleared before it counts is a misreading, not an error", () => {
  const { game, wait, write, time } = play();
  write("13");
  wait(300);
  game.clear(time());
  write("", { sure: false });
  wait(PAUSES.wrong + 100);
  assert.ok(game.isUnclear);
  game.clear(time());
  write("1"); // the first digit, not yet an answer
  game.clear(time());
  write("12");
  wait(PAUSES.right);
  assert.deepEqual([game.results[0].errors, game.results[0].misread], [0, 2]);
  assert.equal(markOf(game.results[0]), "misread");
});

test("typing what was misread takes the error back, but only for the right answer", () => {
  for (const [typed, errors, misread] of [
    ["12", 0, 1],
    ["14", 1, 0],
  ]) {
    const { game, wait, write, time } = play();
    write("17");
    wait(PAUSES.wrong);
    assert.equal(game.errors, 1);
    game.type(typed.slice(0, 1), time());
    game.type(typed, time());
    wait(PAUSES.wrong);
    if (typed !== "12") {
      assert.equal(game.phase, "wrong");
      game.type("12", time());
      wait(PAUSES.right);
    }
    assert.deepEqual([game.results[0].errors, game.results[0].misread], [errors, misread]);
    assert.equal(game.results[0].typed, typed !== "12");
  }
});

test("a typed answer is marked, and judged like a written one", () => {
  const { game, wait, time } = play();
  game.type("1", time());
  wait(20_000);
  game.type("12", time());
  wait(PAUSES.right);
  assert.deepEqual([game.results[0].typed, game.results[0].errors], [true, 0]);
});

test("a skipped sum is neither right nor wrong, and the game ends after the last one", () => {
  const { game, wait, write, time } = play();
  wait(2000);
  game.skip(time());
  game.skip(time()); // pressed twice
  assert.equal(game.results.length, 1);
  wait(NEXT.skipped);
  write("7");
  wait(PAUSES.right + NEXT.right);
  assert.equal(game.phase, "over");
  game.skip(time());
  const { right, errors, ms, median: middle } = score(game.results);
  assert.deepEqual({ right, errors, ms, middle }, { right: 1, errors: 0, ms: 2400, middle: 400 });
});

test("the clock stands still in a pause, and while the computer sleeps", () => {
  const { game, wait, write, time } = play();
  wait(1000);
  game.pause(true, time());
  wait(60_000);
  game.pause(false, time());
  assert.equal(game.elapsed, 1000);
  game.tick(time() + 3_600_000);
  assert.equal(game.elapsed, 2000);
  write("13");
  game.pause(true, time());
  wait(60_000);
  assert.equal(game.errors, 0);
});

test("a stroke that goes on after the right answer is waited for, and not read into the next sum", () => {
  const { game, wait, write, time } = play([SUMS[1], SUMS[0]]);
  write("7");
  wait(PAUSES.right);
  game.write(time()); // the bar of the 7
  wait(NEXT.right + 1000);
  assert.equal(game.phase, "done");
  game.lift(time());
  wait(50);
  assert.equal(game.phase, "asking");
  assert.equal(game.entry, null);
});

test("the median is that of the definition", () => {
  assert.equal(median([]), null);
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

test("more right answers are better, then the shorter time; nothing right is no best", () => {
  assert.ok(isBetter({ right: 1, ms: 9 }, undefined));
  assert.ok(!isBetter({ right: 0, ms: 9 }, undefined));
  assert.ok(isBetter({ right: 20, ms: 99 }, { right: 19, ms: 9 }));
  assert.ok(isBetter({ right: 20, ms: 8 }, { right: 20, ms: 9 }));
  assert.ok(!isBetter({ right: 20, ms: 9 }, { right: 20, ms: 9 }));
});

test("each kind of game keeps its best, without storage and after damage too", () => {
  assert.ok(keepBest("ten", { right: 18, ms: 60_000, errors: 2 }));
  assert.ok(keepBest("ten-typed", { right: 20, ms: 9000 }));
  assert.ok(!keepBest("ten", { right: 18, ms: 61_000 }));
  assert.deepEqual(readBests(), { ten: { right: 18, ms: 60_000 }, "ten-typed": { right: 20, ms: 9000 } });
  for (const damaged of [
    "{",
    "7",
    '{"ten":{"right":"x","ms":1}}',
    '{"ten":{"right":1}}',
    '{"ten":null}',
    "null",
  ]) {
    remember("sketchpad-play", damaged);
    assert.deepEqual(readBests(), {}, damaged);
  }
});

test("a duration has tenths of a second, and minutes from sixty seconds on", () => {
  assert.equal(duration(4230), "4.2 s");
  assert.equal(duration(59_960), "1:00.0");
  assert.equal(duration(62_420), "1:02.4");
  assert.equal(duration(62_420, 0), "1:02");
  assert.equal(duration(9400, 0), "9 s");
});
