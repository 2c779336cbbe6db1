/**
 * ffmpeg, where it is present: whether it is, and running it. Knows no items. Files come from strangers, so only local files
 * are opened, and only formats that hold no list of further files.
 */
import type { DoctorLine } from "dag-cook";
import { lastLine } from "dag-cook/program";
import { answerOf, runProgram } from "../../program/run/run.js";

/** Containers that are read. Playlists and scripts (hls, concat, dash, …) could name any file of this machine. */
const CONTAINERS = "mov,matroska,avi,gif,apng,mpegts,mpeg,ogg,flv,asf,h264,hevc,mpegvideo,m4v,ivf,mxf";

/** Options before an input that is a stranger's. */
export const CAREFUL: readonly string[] = ["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS];

/** Options that keep times and versions out of the output. */
export const BIT_EXACT: readonly string[] = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"];

/** Runs ffmpeg. Rejects with the last line that it said, or where it is not there. */
export async function runFfmpeg(
  args: readonly string[],
  directory: string,
  context: { readonly signal: AbortSignal; log(line: string): void },
): Promise<void> {
  let last = "";
  const log = (lines: string): void => {
    last = lastLine(lines)?.trim() ?? last;
    context.log(lines);
  };
  const common = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-y"];
  const { exitCode } = await runProgram({
    program: "ffmpeg",
    args: [...common, ...args],
    directory,
    environment: {},
    stdout: "log",
    signal: context.signal,
    log,
  });
  if (exitCode !== 0) throw new Error(`ffmpeg ended with exit code ${exitCode}${last === "" ? "" : `: ${last}`}`);
}

export async function ffmpegLines(): Promise<readonly DoctorLine[]> {
  const version = await answerOf("ffmpeg", ["-version"]);
  const detail = version ?? "not found on the PATH: video_encode and video_frames need it";
  return [{ name: "ffmpeg", ok: version !== undefined, optional: true, detail }];
}
