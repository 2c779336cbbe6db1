/** Node type `video_frames`: frames of a video as images, by ffmpeg. Knows no sound. */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { defineNode, type ParamProblem, type ParamValues } from "dag-cook";
import { requireTagged } from "../image/files/images.js";
import { CAREFUL, ffmpegLines, runFfmpeg } from "./ffmpeg/ffmpeg.js";

const PARAMS = {
  fps: {
    type: ["number", "null"],
    exclusiveMinimum: 0,
    maximum: 1000,
    default: null,
    description: "Frames a second, at even times; null: every frame that there is.",
  },
  start: { type: "number", minimum: 0, default: 0, description: "Seconds that are left out at the start." },
  duration: {
    type: ["number", "null"],
    exclusiveMinimum: 0,
    default: null,
    description: "Seconds that are taken; null: to the end.",
  },
  max_frames: {
    type: "integer",
    minimum: 1,
    maximum: 100_000,
    default: 10_000,
    description: "More frames than this are not taken; a warning says so.",
  },
  depth: { type: "string", enum: ["8", "16"], default: "8", description: "Bits of the channels of the images, PNG." },
  tag: { type: "string", default: "file/video", minLength: 1, description: "Tag of the video." },
} as const;

type Params = ParamValues<typeof PARAMS>;

export default defineNode({
  description: "Takes the frames of a video as images, all of them on one item. It needs ffmpeg.",
  version: 1,
  params: PARAMS,
  inputs: { main: { description: "Items with a video." } },
  attributes: { writes: { frame_count: "int", frame_width: "int", frame_height: "int" } },
  check: ({ fps, duration, max_frames }) => lengthProblems(fps, duration, max_frames),
  async cook({ inputs }, params, { directory, signal, log, warn }) {
    signal.throwIfAborted();
    const [video] = inputs.main!.flatMap((member) => requireTagged(member, params.tag));
    const folder = join(directory, "frames");
    await mkdir(folder, { recursive: true });
    const options = ["-frames:v", String(params.max_frames + 1), ...pixels(params)];
    const input = [...span(params), ...CAREFUL, "-i", video!.path];
    await runFfmpeg([...input, "-map", "0:v:0", ...options, join(folder, "frame_%06d.png")], directory, {
      signal,
      log,
    });
    const all = (await readdir(folder)).sort();
    if (all.length === 0) throw new Error(`"${video!.name}" has no frames there.`);
    if (all.length > params.max_frames)
      warn(`"${video!.name}" has more frames than ${params.max_frames}: the rest is left out.`);
    const taken = all.slice(0, params.max_frames);
    const { readHeader } = await import("dag-cook/image");
    const { width, height } = await readHeader(join(folder, taken[0]!));
    return {
      outputs: taken.map((name) => ({ path: `frames/${name}`, tag: "file/image/frame" })),
      attributes: { frame_count: taken.length, frame_width: width, frame_height: height },
    };
  },
  doctor: ffmpegLines,
});

function span({ start, duration }: Params): readonly string[] {
  return [...(start > 0 ? ["-ss", String(start)] : []), ...(duration === null ? [] : ["-t", String(duration)])];
}

function pixels({ fps, depth }: Params): readonly string[] {
  // Numbered anew at an even rate, so that each stored frame comes once, however long it is shown.
  const rate = fps === null ? ["-vf", "settb=1/25,setpts=N", "-r", "25"] : ["-vf", `fps=${fps}`];
  return [...rate, "-pix_fmt", depth === "8" ? "rgb24" : "rgb48be"];
}

function lengthProblems(fps: number | null, duration: number | null, most: number): readonly ParamProblem[] {
  return fps !== null && duration !== null && fps * duration > most
    ? [
        {
          param: "max_frames",
          message: `${fps} frames a second for ${duration} s are more than ${most}`,
          severity: "warning",
        },
      ]
    : [];
}
