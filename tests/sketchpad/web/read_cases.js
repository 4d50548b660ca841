// What reading in the page makes of drawings before the network: for tests/sketchpad/web/test_reading.py.
import { rasteriseDigit } from "../../../sketchpad/web/reading/rasterizer.js";
import { Lattice, partsOfStrokes } from "../../../sketchpad/web/reading/segmentation.js";
import { checkStrokes } from "../../../sketchpad/web/reading/strokes.js";
import { verdicts } from "../../../sketchpad/web/reading/verdict.js";

let input = "";
for await (const chunk of process.stdin) input += chunk;
const { drawings, likeness, outputs, thresholds } = JSON.parse(input);

const results = drawings.map((strokes) => {
  const parts = partsOfStrokes(checkStrokes(strokes));
  const lattice = parts.length ? new Lattice(parts) : { runs: [], best: () => [] };
  return {
    runs: lattice.runs.map(({ first, last, whole, cost }) => ({ first, last, cost, box: whole.box })),
    images: lattice.runs.map(({ whole }) => Buffer.from(rasteriseDigit(whole.items)).toString("base64")),
    best: lattice.best(likeness),
  };
});
console.log(JSON.stringify({ results, verdicts: outputs.map((each) => verdicts(each, thresholds)) }));
