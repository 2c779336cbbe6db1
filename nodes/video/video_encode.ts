/** Node type `video_encode`: images as the frames of a video, by ffmpeg. Knows no sound. */
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { defineNode, type InputFile, type ParamProblem, type ParamValues } from "dag-cook";
import { madeFile } from "../file/made/output.js";
import { tagged } from "../image/files/images.js";
import { BIT_EXACT, ffmpegLines, runFfmpeg } from "./ffmpeg/ffmpeg.js";

const CONTAINERS = {
  ".mp4": ["h264", "hevc"],
  ".mkv": ["h264", "hevc", "ffv1", "vp9"],
  ".webm": ["vp9"],
  ".gif": ["gif"],
} as const;

type Extension = keyof typeof CONTAINERS;

const PARAMS = {
  codec: {
    type: "string",
    enum: ["h264", "hevc", "vp9", "ffv1", "gif"],
    default: "h264",
    description:
      "How frames are packed: `h264` and `hevc` in .mp4 or .mkv, `vp9` in .webm or .mkv, `ffv1` (which loses nothing) in .mkv, `gif` in .gif.",
  },
  fps: { type: "number", exclusiveMinimum: 0, maximum: 1000, default: 24, description: "Frames a second." },
  quality: {
    type: "integer",
    minimum: 0,
    maximum: 51,
    default: 20,
    description: "Of h264, hevc and vp9 (their CRF): less is better and larger; not used by the others.",
  },
  pixel_format: {
    type: "string",
    enum: ["yuv420p", "yuv444p", "gray"],
    default: "yuv420p",
    description: "Samples of h264, hevc and vp9; `yuv420p` plays everywhere, and cuts odd sides by a pixel.",
  },
  tag: { type: "string", default: "file/image", minLength: 1, description: "Tag of the images, all of one size." },
  output: {
    type: ["string", "null"],
    path: "output",
    default: null,
    description: "Where the video is put; without it, it stays in the store as `video`.",
  },
} as const;

type Params = ParamValues<typeof PARAMS>;

const OWN: Readonly<Record<Params["codec"], { readonly encoder: string; readonly extension: Extension }>> = {
  h264: { encoder: "libx264", extension: ".mp4" },
  hevc: { encoder: "libx265", extension: ".mp4" },
  vp9: { encoder: "libvpx-vp9", extension: ".webm" },
  ffv1: { encoder: "ffv1", extension: ".mkv" },
  gif: { encoder: "gif", extension: ".gif" },
};

export default defineNode({
  description: "Makes a video of the images of a partition, one frame each, in order. It needs ffmpeg.",
  version: 1,
  params: PARAMS,
  inputs: { main: { description: "A partition with the frames, such as that of `wait_for_all`." } },
  attributes: { writes: { frame_count: "int" } },
  slots: { cpu: "all" },
  check: ({ output, codec }) => outputProblems(output, codec),
  async cook({ inputs }, params, { directory, signal, threads, log }) {
    signal.throwIfAborted();
    const files = inputs.main!.flatMap((member) => tagged(member, params.tag));
    const extension = await frameExtension(files, params.tag);
    const made = madeFile(params.output, `video${OWN[params.codec].extension}`, "file/video");
    await mkdir(dirname(join(directory, made.path)), { recursive: true });
    const frames = await mkdtemp(join(tmpdir(), "dag-frames-"));
    try {
      // Files of the store have no extensions, by which ffmpeg tells images apart.
      for (const [index, { path }] of files.entries()) {
        await symlink(path, join(frames, `${String(index).padStart(8, "0")}${extension}`));
      }
      const input = ["-f", "image2", "-framerate", String(params.fps), "-i", join(frames, `%08d${extension}`)];
      const output = [...BIT_EXACT, "-threads", String(threads), join(directory, made.path)];
      await runFfmpeg([...input, ...encoding(params), ...output], directory, { signal, log });
    } finally {
      await rm(frames, { recursive: true, force: true });
    }
    return { outputs: [made], attributes: { frame_count: files.length } };
  },
  doctor: ffmpegLines,
});

function encoding({ codec, quality, pixel_format }: Params): readonly string[] {
  const encoder = ["-c:v", OWN[codec].encoder];
  if (codec === "ffv1" || codec === "gif") return encoder;
  const even = pixel_format === "yuv420p" ? ["-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0"] : [];
  const constant = codec === "vp9" ? ["-b:v", "0"] : [];
  return [...even, ...encoder, "-crf", String(quality), ...constant, "-pix_fmt", pixel_format];
}

/** The one extension that all frames have. Throws where they differ in kind or size. */
async function frameExtension(files: readonly InputFile[], tag: string): Promise<string> {
  const { readHeader } = await import("dag-cook/image");
  const [first] = files;
  if (first === undefined) throw new Error(`No member has a file tagged "${tag}".`);
  const extension = extname(first.name).toLowerCase();
  const wanted = await readHeader(first.path);
  for (const file of files) {
    const { width, height } = await readHeader(file.path);
    if (extname(file.name).toLowerCase() !== extension)
      throw new Error(`"${file.name}" and "${first.name}" are of two kinds; image_convert makes them alike.`);
    if (width !== wanted.width || height !== wanted.height)
      throw new Error(
        `"${file.name}" has ${width}×${height} pixels, and "${first.name}" ${wanted.width}×${wanted.height}; image_convert makes them alike.`,
      );
  }
  if (/^\.(png|jpe?g|tiff?|webp)$/.test(extension)) return extension;
  throw new Error(`"${first.name}" is no PNG, JPEG, TIFF or WebP; image_convert makes such.`);
}

function outputProblems(output: string | null, codec: Params["codec"]): readonly ParamProblem[] {
  if (output === null) return [];
  const extensions = Object.keys(CONTAINERS).filter((each) =>
    (CONTAINERS[each as Extension] as readonly string[]).includes(codec),
  );
  if (extensions.includes(extname(output).toLowerCase())) return [];
  return [{ param: "output", message: `"${output}" must end in ${extensions.join(" or ")} for ${codec}` }];
}
