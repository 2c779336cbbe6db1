/** The methods of translation, by name: an entry each. It knows no samples, files or runtimes. */
import { directMethod } from "./direct.js";
import type { TranslationMethod } from "./method.js";
import { pairedMethod } from "./paired.js";
import type { MethodName, Settings } from "./settings.js";
import { unpairedMethod } from "./unpaired.js";

const METHODS: Readonly<Record<MethodName, (settings: Settings) => TranslationMethod>> = {
  pix2pix: pairedMethod,
  cyclegan: unpairedMethod,
  direct: directMethod,
};

/** The method of these settings. */
export function methodOf(settings: Settings): TranslationMethod {
  return METHODS[settings.method](settings);
}
