/** What the parameters come to, and what is wrong with them taken together: a row for each error and warning. */
import { describe, expect, test } from "@jest/globals";
import { describedGenerator, describeGenerator } from "../../../src/ml/translation/generator.js";
import { modelProblems } from "../../../src/ml/translation/problems.js";
import { settingsOf } from "../../../src/ml/translation/settings.js";
import { smallParams } from "../training/small.js";

type Change = Readonly<Record<string, unknown>>;

const settings = (...changes: readonly Change[]) => settingsOf(smallParams(...changes));
/** `!param: message` for an error, `?param: message` for a warning. */
const problems = (...changes: readonly Change[]) =>
  modelProblems(smallParams(...changes)).map(
    ({ param, message, severity }) => `${severity === "warning" ? "?" : "!"}${param}: ${message}`,
  );

describe("settings", () => {
  test("settings: what is automatic follows from size, iterations and pairing", () => {
    expect(
      settings({ dataset: { image_size: 96 }, training: { max_iterations: 7 }, generator: { max_layer_size: "auto" } }),
    ).toMatchObject({
      side: 96,
      schedule: { rate_scheduler: "linear", linear_decay: 3 },
      gan_mode: "vanilla",
      l1_lambda: 100,
      generator: { layers: 5, max_layer_size: 96, dropout: 0.5, affine: true },
      discriminator: { channel_count: 6, norm: "instance", affine: true },
    });
  });

  test("settings: without pairs, other things are automatic, and discriminators see one image", () => {
    const unpaired = { dataset: { input_type: "unpaired_directories" } };
    expect(settings(unpaired)).toMatchObject({
      ...{ unpaired: true, gan_mode: "lsgan", l1_lambda: 10, identity_lambda: 0.5, pool_size: 50 },
      generator: { dropout: 0, affine: false },
      discriminator: { channel_count: 3, affine: false },
    });
    expect(settings()).toMatchObject({ unpaired: false, identity_lambda: 0, pool_size: 0 });
  });

  test("settings: a crop's side takes the place of the image size", () => {
    expect(settings({ dataset: { image_size: 100, crop_size: 32 } })).toMatchObject({
      side: 32,
      generator: { layers: 5 },
    });
  });

  test("settings: a model size takes the place of the initial layer size", () => {
    const sizes = ["small", "medium", "large"].map(
      (model_size) => settings({ generator: { model_size } }).generator.initial_layer_size,
    );
    expect(sizes).toEqual([16, 32, 64]);
  });

  test("settings: residual generators have 6 blocks up to 128 pixels, and 9 above", () => {
    const of = (image_size: number) =>
      settings({ dataset: { image_size }, generator: { architecture: "resnet" } }).generator;
    expect([of(128), of(256)]).toMatchObject([{ blocks: 6 }, { blocks: 9 }]);
  });

  test("settings: a generator's description builds it again, and anything else describes none", () => {
    for (const architecture of ["unet", "resnet"]) {
      const data = { alpha: "keep", input_range: [0, 1], output_range: [-300, 2200.5] } as const;
      const described = { options: settings({ generator: { architecture } }).generator, image_size: 16, data };
      expect(describedGenerator(describeGenerator(described))).toEqual(described);
    }
    const { options } = { options: settings().generator };
    const data = { alpha: "drop", input_range: [0, 1], output_range: [0, 1] } as const;
    const own = describeGenerator({ options, image_size: 16, data });
    expect(describedGenerator(own)).toBeDefined();
    for (const bad of [
      {},
      { generator: "{" },
      { generator: "null", image_size: "16" },
      { ...own, image_size: "15" },
      { ...own, alpha: "maybe" },
      { ...own, output_range: "[1, 0]" },
    ]) {
      expect(describedGenerator(bad as Readonly<Record<string, string>>)).toBeUndefined();
    }
  });
});

describe("problems", () => {
  const rows: readonly (readonly [string, Change, readonly string[]])[] = [
    ["nothing", {}, []],
    [
      "a decay that is longer than the training",
      { training: { linear_decay: 3 } },
      [
        "!training.linear_decay: training.linear_decay 3 is above training.max_iterations 2: the rate cannot fall for longer than the training lasts",
      ],
    ],
    ["a decay as long as the training", { training: { linear_decay: 2 } }, []],
    [
      "a size that the layers do not halve",
      { dataset: { image_size: 40 }, generator: { layers: 4 } },
      [
        "!generator.layers: generator.layers: 4 layers need an image size that is a multiple of 16, not 40: try 48, or at most 3 layers for 40",
      ],
    ],
    [
      "an odd size",
      { dataset: { image_size: 33 } },
      ["!dataset.image_size: dataset.image_size 33 is odd, so that not one layer can halve it: try 34"],
    ],
    [
      "an odd crop",
      { dataset: { crop_size: 33 } },
      ["!dataset.crop_size: dataset.crop_size 33 is odd, so that not one layer can halve it: try 34"],
    ],
    [
      "a size that is halved a few times only",
      { dataset: { image_size: 250 } },
      [
        '?dataset.image_size: dataset.image_size 250 can be halved once only, so that generator.layers "auto" is 1, and the network sees small parts of an image: try 256 (8 layers)',
      ],
    ],
    ["such a size, with layers that are meant", { dataset: { image_size: 250 }, generator: { layers: 1 } }, []],
    [
      "a crop that is halved a few times only",
      { dataset: { crop_size: 300 } },
      [
        '?dataset.crop_size: dataset.crop_size 300 can be halved 2 times only, so that generator.layers "auto" is 2, and the network sees small parts of an image: try 320 (6 layers)',
      ],
    ],
    [
      "a size that residual blocks cannot halve twice",
      { dataset: { image_size: 18 }, generator: { architecture: "resnet" } },
      [
        "!dataset.image_size: dataset.image_size: a residual generator needs an image size of 8 or more that is a multiple of 4, not 18: try 20",
      ],
    ],
    [
      "layers smaller than the first",
      { generator: { initial_layer_size: 16 } },
      ["!generator.max_layer_size: generator.max_layer_size: the largest layer size 8 is below the initial 16"],
    ],
    [
      "a discriminator without an output",
      { discriminator: { layers: 5 } },
      [
        "!discriminator.layers: discriminator.layers: 5 layers leave no output pixel at image size 16: use at most 2 layers",
      ],
    ],
    [
      "a discriminator whose norm sees one pixel",
      { discriminator: { layers: 4, kernel_size: 3 } },
      [
        "!discriminator.layers: discriminator.layers: 4 layers leave the last norm a single pixel, of which it leaves nothing, at image size 16: use at most 3 layers",
      ],
    ],
    ["one pixel without a norm", { discriminator: { layers: 4, kernel_size: 3 }, generator: { norm: "none" } }, []],
    [
      "two kinds of crops",
      { dataset: { crop_size: 16, crop_inputs: 0.1 } },
      [
        "!dataset.crop_inputs: dataset.crop_inputs and dataset.crop_size exclude each other: a crop of fixed size is not resized",
      ],
    ],
    [
      "steps that never come",
      { training: { rate_scheduler: "step" } },
      [
        "?training.step_size: training.step_size 50 is not below training.max_iterations 2, so that the rate never falls",
      ],
    ],
    [
      "a single pixel, enlarged by copies",
      { dataset: { image_size: 16 }, generator: { layers: 4, upsampling: "resize" } },
      [
        '?generator.upsampling: generator.upsampling "resize" makes one colour of the single pixel below 4 layers, of which generator.norm "instance" leaves nothing: try generator.layers 3',
      ],
    ],
    [
      "a dropout that no layer has",
      { generator: { dropout: 0.3 } },
      [
        "?generator.dropout: generator.dropout does nothing in a U-Net of 4 layers: it is used where generator.layers is 6 or more",
      ],
    ],
    ["no dropout", { generator: { dropout: 0 } }, []],
    ["a dropout that a layer has", { dataset: { image_size: 64 }, generator: { dropout: 0.3 } }, []],
    ["a dropout of residual blocks", { generator: { dropout: 0.3, architecture: "resnet" } }, []],
    [
      "two pixels, enlarged by copies",
      { dataset: { image_size: 16 }, generator: { layers: 3, upsampling: "resize" } },
      [],
    ],
  ];
  for (const [name, change, expected] of rows) {
    test(`problems: ${name}`, () => expect(problems(change)).toEqual(expected));
  }
});
