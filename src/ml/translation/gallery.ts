/**
 * The pictures of a translation under training: a contact sheet of a step's samples, and generators' answers to whole frames. It
 * knows nothing of when they are due.
 */
import { decodeImage } from "../../image/decode.js";
import { holdsFloats, writeImage } from "../../image/encode.js";
import type { Image } from "../../image/image.js";
import { resize } from "../../image/resize.js";
import { appliedOf, hasIndices, ownIndex } from "../training/components.js";
import type { Gallery, Picture, TrainedStep } from "../training/job.js";
import { fillTemplate } from "../training/templates.js";
import type { Trainer } from "../training/trainer.js";
import type { Weights } from "../training/weights.js";
import type { Frame, TranslationJob } from "./job.js";
import type { TranslationMethod } from "./method.js";
import { previewOf } from "./preview.js";
import type { Settings } from "./settings.js";
import { sheetOf } from "./sheet.js";
import { imagesOf } from "./similarity.js";

/** Longest side of a frame's preview in TensorBoard. */
const SHOWN_SIDE = 1024;

/** What pictures are made of. */
interface PictureSources {
  readonly job: TranslationJob;
  readonly settings: Settings;
  readonly method: TranslationMethod;
  readonly trainer: Trainer;
}

export class Pictures implements Gallery {
  readonly #from: PictureSources;

  constructor(from: PictureSources) {
    this.#from = from;
  }

  get interval(): number {
    return this.#from.job.params.contact_sheet.interval;
  }

  get follows(): boolean {
    return this.#from.job.previews.length > 0;
  }

  async ofStep({ step, iteration, samples, outputs }: TrainedStep, shown: boolean): Promise<readonly Picture[]> {
    const { job, settings, method } = this.#from;
    const { path } = job.params.contact_sheet;
    if (path === null && !shown) return [];
    const sheet = await sheetOf({ step, images: imagesOf(method.images, samples.values, outputs) }, settings);
    const saved = { path: nameOf(path ?? "", { iteration, index: 0 }), kind: "contact_sheet", iteration };
    const write = (to: string) => writeImage(to, sheet);
    const file = path === null ? null : { saved: { ...saved, parameter: "contact_sheet.path" }, write };
    return [{ tag: "contact_sheet", shown: sheet, file }];
  }

  /** Each generator's answer to each frame. */
  async *ofIteration(weights: Weights, iteration: number): AsyncIterable<Picture> {
    const { job, method } = this.#from;
    for (const frame of job.previews) {
      const decoded = await decodeImage(frame.path);
      for (const { index } of appliedOf(method)) {
        yield await this.#preview({ frame, decoded, iteration }, { network: index, weights });
      }
    }
  }

  async #preview(
    { frame, decoded, iteration }: { readonly frame: Frame; readonly decoded: Image; readonly iteration: number },
    used: { readonly network: number; readonly weights: Weights },
  ): Promise<Picture> {
    const { job, settings, method, trainer } = this.#from;
    const { name } = frame;
    const index = used.network;
    const { file: values, shown } = await previewOf(trainer, settings, used, decoded, frame);
    const tag = hasIndices(method) ? `preview/${name}/${index}` : `preview/${name}`;
    const picture = { tag, shown: fitted(shown), file: null };
    const template = job.params.preview.path;
    if (template === null) return picture;
    const own = { path: nameOf(template, { iteration, index, frame: name }), ...ownIndex(method, index) };
    const saved = { ...own, kind: "preview", parameter: "preview.path", iteration };
    // What a PNG cannot hold, metres say, is shown as the share of its range.
    const image = holdsFloats(template) ? { ...values, depth: "float" as const } : shown;
    return { ...picture, file: { saved, write: (to) => writeImage(to, image) } };
  }
}

function nameOf(
  template: string,
  own: { readonly iteration: number; readonly index: number; readonly frame?: string },
): string {
  return fillTemplate(template, { network: "generator", ...own });
}

/** The image in a size that TensorBoard shows. */
function fitted(image: Image): Image {
  const scale = SHOWN_SIDE / Math.max(image.width, image.height);
  if (scale >= 1) return image;
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return resize(image, side(image.width), side(image.height));
}
