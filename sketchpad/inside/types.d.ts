// What the frame and the sections of the Inside tab pass to each other, and the responses of their server functions.
import type { Answer, SeenDigit } from "../ui/types";

export interface Frame {
  /** Call the section's server function; throws a ServerError. */
  request(payload: unknown): Promise<any>;
  /** Update the section after a choice in it. */
  refresh(): void;
  /** Show the problem of a request outside of an update; null once one has succeeded. */
  report(error: unknown): void;
}

/** Show a digit of an answer; null for a blank pad. */
export type Update = (digit: SeenDigit | null, answer: Answer | null) => Promise<void>;

export type MountSection = (element: HTMLElement, frame: Frame) => Update;

export interface Prediction {
  label: number;
  probabilities: number[];
  verdict: "digit" | "unsure" | "not a digit";
}

/** The rectangle of a map in a sprite. */
export type SpriteBox = [left: number, top: number, width: number, height: number];

/** Size, distance between neighbours, and start of the first, in pixels of the drawing. */
export type ReceptiveField = [size: number, jump: number, start: number];

/** The facts about a node of the network that the page shows. */
export interface NodeFacts {
  role: string;
  ops: string;
  shape: string;
  params: string;
  /** null: the whole image. */
  field: ReceptiveField | null;
  vector: boolean;
}

export interface FeatureMapsResponse {
  sprite: string;
  thumbs: SpriteBox[];
  maps: { channel: number; strength: number; box: SpriteBox }[];
  /** The value at the ends of the colour scale. */
  limit: number;
  channel: number;
  values: number[][];
}

/** One step of a computation; see Step in model/explain/arithmetic.py. */
export interface ArithmeticStep {
  kind: "sum" | "mean" | "max" | "norm" | "relu" | "add" | "copy" | "input";
  value: number;
  numbers: Record<string, number>;
}

export interface ArithmeticWindow {
  /** The channel of the input whose products are listed. */
  input: number;
  sums: [channel: number, sum: number][];
  patch: number[][];
  kernel: number[][];
  products: number[][];
  /** False where the patch is padding. */
  inside: boolean[][];
}

/** The contributions to the logits of two classes. */
export interface ClassContributions {
  labels: [number, number];
  features: { feature: number; value: number; weights: number[]; contributions: number[] }[];
  rest: { count: number; contributions: number[] };
  bias: number[];
  logits: number[];
}

export interface ArithmeticResponse {
  channel: number;
  pixel: [row: number, column: number];
  steps: ArithmeticStep[];
  window: ArithmeticWindow | null;
  classes: ClassContributions | null;
}

export interface BranchesResponse {
  shares: { block: string; skip: number | null; branch: number; cosine: number | null }[];
  before: Prediction;
  after: Prediction;
}

export interface AddedBlockResponse {
  /** The network itself, with a residual block more, with a plain block more. */
  networks: { parameters: number; prediction: Prediction; kept: number | null }[];
}

/** The smallest change found to another digit; without `after` and what follows if none was found. */
export interface AttackResponse {
  target: number;
  before: Prediction;
  after: Prediction | null;
  image: string;
  sprite: string;
  box: SpriteBox;
  /** L2 norm with grey levels from 0 to 1. */
  size: number;
  /** Pixels from white to black with the same norm. */
  pixels: number;
  /** Grey levels, 0 to 255, and the end of the sprite's scale. */
  largest: number;
  changed: number;
  all: number;
}

export interface DamageResponse {
  before: Prediction;
  after: Prediction;
  /** Accuracy without and with the damage; null without stored digits. */
  whole: number | null;
  accuracy: number | null;
}

export interface AttributionResponse {
  label: number;
  other: number;
  sprite: string;
  methods: Record<string, { limit: number; boxes: SpriteBox[] }>;
  /** Divided by the temperature, of the digit and of the other. */
  logits: [number, number];
  sums: [number, number];
  rises: [number, number];
  errors: [number, number];
  steps: number;
  neighbours: { label: number; distance: number; box: SpriteBox }[];
}

export interface LogitsResponse {
  /** Of all classes, the digits first. */
  logits: number[];
  /** The digits' logits divided by the temperature. */
  scaled: number[];
  probabilities: number[];
  not_digit: number;
}

export interface PrefixPredictionsResponse {
  probabilities: number[][];
  /** null: not a digit. */
  answers: (number | null)[];
  /** Indices of the prefixes at which the answer changes. */
  flips: number[];
  settled: number;
  sprite: string;
  boxes: SpriteBox[];
}

export interface DotsResponse {
  /** uint16 in base64, two for each dot. */
  places: string;
  /** A digit for each dot. */
  labels: string;
  sprite: string;
  /** Pictures in a row of the sprite. */
  columns: number;
}

export interface PlaceResponse {
  place: [x: number, y: number];
  nearest: { dot: number; distance: number }[];
}

export interface LinearProbesResponse {
  depths: { label: number; probabilities: number[] }[];
  answer: Prediction;
  first: number | null;
  settled: number | null;
}
