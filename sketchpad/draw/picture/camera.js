// The live camera: its video on the pad, frame by frame read. At most one request is open.
import { drawn, encoded, fitted, toPicture } from "./encode.js";

const SIDE = 960; // px of the longer side of a frame
const WANTED = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1440 } };

/** @typedef {import("../../ui/types").Picture} Picture */

/**
 * The key of the sentence for a camera that cannot be used.
 * @param {string} name of the error
 * @param {{ secure: boolean, allowed: boolean }} page
 */
export function problemOf(name, { secure, allowed }) {
  if (!secure) return "camera.insecure";
  if (!allowed) return "camera.frame";
  if (name === "NotAllowedError" || name === "SecurityError") return "camera.refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "camera.none";
  return "camera.failed";
}

/** Whether this page may ask for the camera at all. */
function permissions() {
  const policy = /** @type {any} */ (document).featurePolicy; // of Chromium; elsewhere the request shows it
  return {
    secure: isSecureContext && Boolean(navigator.mediaDevices),
    allowed: policy?.allowsFeature?.("camera") ?? true,
  };
}

export class Camera {
  /**
   * @param {object} options
   * @param {HTMLVideoElement} options.video
   * @param {(picture: Picture) => Promise<void>} options.read resolves when the answer is shown
   * @param {(live: boolean) => void} options.onChange
   * @param {(key: string) => void} options.onProblem
   */
  constructor({ video, read, onChange, onProblem }) {
    this.video = video;
    this.read = read;
    this.onChange = onChange;
    this.onProblem = onProblem;
    /** @type {MediaStream | null} */
    this.stream = null;
    this.image = document.createElement("canvas"); // of the newest frame
    this.attempt = 0; // a stop while the permission is asked for cancels the start
  }

  get live() {
    return this.stream !== null;
  }

  async start() {
    const attempt = ++this.attempt;
    const page = permissions();
    try {
      if (!page.secure || !page.allowed) throw new DOMException("", "NotAllowedError");
      const stream = await navigator.mediaDevices.getUserMedia({ video: WANTED });
      if (attempt !== this.attempt) {
        close(stream);
        return;
      }
      this.stream = stream;
      stream.getVideoTracks()[0]?.addEventListener("ended", () => this.fail("camera.lost"));
      this.video.srcObject = stream;
      this.onChange(true);
      await this.video.play();
      await this.readFrames(stream);
    } catch (error) {
      if (attempt !== this.attempt) return; // stopped meanwhile
      this.fail(problemOf(error instanceof DOMException ? error.name : "", page));
    }
  }

  /** @param {string} key */
  fail(key) {
    this.stop();
    this.onProblem(key);
  }

  stop() {
    this.attempt++;
    const { stream } = this;
    if (!stream) return;
    this.stream = null;
    close(stream);
    this.video.srcObject = null;
    this.onChange(false);
  }

  /** The current frame in the camera's full resolution. */
  take() {
    const { videoWidth, videoHeight } = this.video;
    return toPicture(this.video, ...fitted(videoWidth, videoHeight));
  }

  /** @param {MediaStream} stream */
  async readFrames(stream) {
    while (this.stream === stream) {
      const { videoWidth, videoHeight } = this.video;
      const image = drawn(this.video, ...fitted(videoWidth, videoHeight, SIDE), this.image);
      const data = await encoded(image, "image/jpeg");
      if (this.stream !== stream) return;
      await this.read({ image, data, live: true });
      await new Promise((resolve) => setTimeout(resolve)); // other tasks come first
    }
  }
}

/** @param {MediaStream} stream */
function close(stream) {
  for (const track of stream.getTracks()) track.stop();
}
