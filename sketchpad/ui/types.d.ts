// What the modules pass to each other. The types of the wire format are generated: see wire.d.ts.
import type { Digit, Reading } from "./wire";

export type Point = [x: number, y: number];
/** The points of one stroke in pad units, with the width of the pen that drew it. */
export type Stroke = Point[] & { pen: number };
export type Box = [left: number, top: number, right: number, bottom: number];

export interface Picture {
  image: HTMLCanvasElement;
  /** As a data URL. */
  data: string;
  /** A frame of the camera's video. */
  live?: boolean;
}

/** What is on the pad: strokes, or one picture. Immutable, so that the history can keep it. */
export interface Sheet {
  strokes: Stroke[];
  picture: Picture | null;
}

/** A digit of an answer, with the model image in base64. */
export type SeenDigit = Digit & { image: string };

/** The server's response to a drawing. */
export interface ReadingResponse extends Partial<Pick<Reading, "text" | "turned" | "milliseconds">> {
  digits?: SeenDigit[];
  error?: string;
  code?: string;
  values?: Record<string, string | number>;
  /** Milliseconds to wait between provisional requests. */
  pause?: number;
  busy?: boolean;
  outdated?: boolean;
}

/** A reading with the sheet it belongs to. */
export interface Answer extends ReadingResponse {
  digits: SeenDigit[];
  sheet: Sheet;
  /** The strokes of each digit. */
  strokes: Stroke[][];
  /** Whether the pen was up. */
  final: boolean;
  /** Index of the digit that the visitor selected. */
  chosen: number | null;
  /** Index of the digit whose bars are shown. */
  index: number;
  /** Milliseconds from request to response. */
  roundTrip: number;
}

/** The functions that Gradio passes to a component; undefined where the server cannot be reached. */
export type Server = Record<string, (payload: unknown) => Promise<any>>;

export interface Mount {
  element: HTMLElement;
  server: Server;
  props: Record<string, any>;
}

declare global {
  interface Window {
    /** The sentences by language and key. */
    sketchpadTexts: Record<string, Record<string, string>>;
    /** Imports a module by its path, see module_loader.js. */
    importModule: import("./module_loader.js").ImportModule;
    /** page.js, once it is imported. */
    sketchpadPage: Promise<typeof import("../page.js")>;
  }
}
