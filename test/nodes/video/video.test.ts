/** `video_encode` and `video_frames` with the real ffmpeg; where there is none, these tests are skipped by name. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import video_encode from "../../../nodes/video/video_encode.js";
import video_frames from "../../../nodes/video/video_frames.js";
import { planesOf } from "../../../src/image/planes.js";
import { CookSpace } from "../../helpers/cook-space.js";
import { holdsContract } from "../contract.js";
import { copyExample, itemsOf } from "../partition/items.js";
import { cookIn, decodeImage, imageFile, messageOf, testFolder } from "../space.js";
import { testWith } from "../tools.js";

const folder = testFolder();
const withFfmpeg = testWith("ffmpeg", "-version");
const present = withFfmpeg === test;
const python = testWith("python3") === test;

/** Frames of 32×16: a bright column wanders from left to right. */
const frames = async (name = "a", count = 4) =>
  Promise.all(
    Array.from({ length: count }, async (_, frame) => ({
      name: `frame_${frame}`,
      files: [
        {
          path: await imageFile(join(folder, name, `frame_${frame}.png`), [32, 16, 3], (c, x) =>
            Math.floor(x / 8) === frame ? 1 - c / 4 : 0.1,
          ),
          tag: "file/image",
        },
      ],
    })),
  );

const encode = cookIn(folder, video_encode);
const extract = cookIn(folder, video_frames);

async function video(params: object = { codec: "ffv1" }) {
  const { items } = await encode({ inputs: await frames(), params: { ...params } });
  return { name: "video", files: items[0]!.outputs.map(({ path, tag }) => ({ path, tag })) };
}

if (present) {
  describe("the contract of video nodes", () => {
    let film: Awaited<ReturnType<typeof video>>;
    beforeAll(async () => {
      film = await video();
    });
    holdsContract("video/video_encode", video_encode, {
      base: async () => ({ inputs: await frames() }),
      changes: () => ({
        codec: { to: { codec: "ffv1" } },
        fps: { to: { fps: 12 } },
        quality: { to: { quality: 45 } },
        pixel_format: { to: { pixel_format: "yuv444p" } },
        tag: { to: { tag: "file/image/input" }, refused: true },
        output: { to: { output: "film.mp4" } },
      }),
    });
    holdsContract("video/video_frames", video_frames, {
      base: () => ({ inputs: [film] }),
      changes: () => ({
        fps: { to: { fps: 6 } },
        start: { to: { start: 0.09 } },
        duration: { to: { duration: 0.05 } },
        max_frames: { to: { max_frames: 2 } },
        depth: { to: { depth: "16" } },
        tag: { to: { tag: "file/image" }, refused: true },
      }),
    });
  });
}

describe("video", () => {
  withFfmpeg("video_encode, video_frames: what loses nothing comes back pixel for pixel, in order", async () => {
    const { items, warnings } = await extract({ inputs: [await video()] });
    const { outputs, attributes } = items[0]!;
    expect([attributes, warnings]).toEqual([{ frame_count: 4, frame_width: 32, frame_height: 16 }, []]);
    expect(outputs.map(({ name }) => name)).toEqual([1, 2, 3, 4].map((number) => `frames/frame_00000${number}.png`));
    const before = await frames();
    for (const [index, { path }] of outputs.entries()) {
      const [made, given] = [await decodeImage(path), await decodeImage(before[index]!.files[0]!.path)];
      expect(planesOf(made)).toEqual(planesOf(given));
    }
  });

  withFfmpeg("video_frames: a part of it, at other times; what is left out is told", async () => {
    const count = async (params: object) => {
      const { items, warnings } = await extract({
        inputs: [await video({ codec: "ffv1", fps: 2 })],
        params: { ...params },
      });
      return [items[0]!.attributes.frame_count, warnings.length];
    };
    expect(await count({ start: 1 })).toEqual([2, 0]);
    expect(await count({ fps: 4 })).toEqual([8, 0]);
    expect(await count({ max_frames: 3 })).toEqual([3, 1]);
  });

  withFfmpeg("video_frames: a playlist that names other files is no video", async () => {
    const list = join(folder, "list.mp4");
    writeFileSync(list, "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n");
    const inputs = [{ name: "list", files: [{ path: list, tag: "file/video" }] }];
    expect(await messageOf(extract({ inputs }))).toMatch(/^ffmpeg ended with exit code \d+: .*Invalid (data|argument)/);
    const concat = join(folder, "concat.mp4");
    writeFileSync(concat, `ffconcat version 1.0\nfile '${join(folder, "a/frame_0.png")}'\n`);
    const other = [{ name: "concat", files: [{ path: concat, tag: "file/video" }] }];
    expect(await messageOf(extract({ inputs: other }))).toContain("ffmpeg ended with exit code");
  });

  test("video_encode: frames of two sizes or kinds, and a container that does not hold the codec, are errors", async () => {
    const small = await imageFile(join(folder, "small.png"), [8, 8, 3], () => 0);
    const [one] = await frames();
    const two = { name: "small", files: [{ path: small, tag: "file/image" }] };
    expect(await messageOf(encode({ inputs: [one!, two] }))).toBe(
      '"small.png" has 8×8 pixels, and "frame_0.png" 32×16; image_convert makes them alike.',
    );
    mkdirSync(join(folder, "kinds"), { recursive: true });
    copyFileSync(small, join(folder, "kinds/small.jpg"));
    const kind = { name: "kind", files: [{ path: join(folder, "kinds/small.jpg"), tag: "file/image" }] };
    expect(await messageOf(encode({ inputs: [one!, kind] }))).toContain("are of two kinds");
    expect(await messageOf(encode({ inputs: [one!], params: { output: "a.webm" } }))).toBe(
      'output: "a.webm" must end in .mp4 or .mkv for h264',
    );
    expect(await messageOf(encode({ inputs: [] }))).toBe('No member has a file tagged "file/image".');
  });
});

describe("video in a graph", () => {
  let space: CookSpace;
  beforeAll(() => {
    space = new CookSpace();
  });
  afterAll(() => space.remove());

  withFfmpeg("video example: it cooks; the video has the images' frames", async () => {
    copyExample(space, "video.json");
    const [again] = await itemsOf(space, "video.json", "frames");
    expect(again!.attributes).toMatchObject({ frame_count: 2, frame_width: 48 });
    expect(space.exists("out/video/film.mp4")).toBe(true);
  });

  test("doctor: it tells whether ffmpeg and Python are there, and their absence is no fault", async () => {
    const { stdout } = await space.dag("doctor");
    expect(stdout).toMatch(present ? /✓ +ffmpeg +ffmpeg version/ : /– +ffmpeg +not found on the PATH: video_encode/);
    expect(stdout).toMatch(python ? /✓ +python +Python 3/ : /– +python +no python3 found: python_venv/);
  });

  test("video_encode: without ffmpeg its item fails and says so", async () => {
    copyExample(space, "video.json");
    // A PATH with nothing in it but the node that runs this.
    space.environment = { PATH: space.path("no/programs") };
    const { exit, stderr } = await space.dag(
      "cook",
      "video.json",
      "--progress",
      "plain",
      "--node",
      "film",
      "--force",
      "film",
    );
    space.environment = {};
    expect([exit, stderr]).toEqual([1, expect.stringContaining('The program "ffmpeg" was not found on the PATH.')]);
  });
});
