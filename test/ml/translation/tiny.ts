/** The tiny networks of the reference numbers: their options, and their layers' names in ours. */
import { patchgan } from "../../../src/ml/networks/patchgan.js";
import { type UnetOptions, unet } from "../../../src/ml/networks/unet.js";

const shared = { norm: "instance", initial_layer_size: 4, kernel_size: 4 } as const;

/** The U-Net of 3 layers for 16² images. */
export function tinyUnetOptions(affine: boolean): UnetOptions {
  return {
    ...{ ...shared, affine, channel_count: 3, layers: 3, max_layer_size: 16, dropout: 0.5, upsampling: "transposed" },
    ...{ down_activation: "leaky_relu", up_activation: "relu" },
  };
}

export function tinyGenerator(affine: boolean) {
  return unet(tinyUnetOptions(affine));
}

/** The PatchGAN of 1 layer. */
export function tinyDiscriminator(channel_count: number, affine: boolean) {
  return patchgan({ ...shared, affine, channel_count, layers: 1, activation: "leaky_relu" });
}

const LAYERS: Readonly<Record<string, string>> = {
  "G.down.0": "model.model.0",
  "G.down.1": "model.model.1.model.1",
  "G.down_norm.1": "model.model.1.model.2",
  "G.down.2": "model.model.1.model.3.model.1",
  "G.up.2": "model.model.1.model.3.model.3",
  "G.up_norm.2": "model.model.1.model.3.model.4",
  "G.up.1": "model.model.1.model.5",
  "G.up_norm.1": "model.model.1.model.6",
  "G.up.0": "model.model.3",
  "D.conv.0": "model.0",
  "D.conv.1": "model.2",
  "D.norm": "model.3",
  "D.conv.2": "model.5",
};

/** The reference's `G0.down.1.weight` as our state `netG0.model.model.1.model.1.weight`. */
export function stateNameOf(theirs: string): string {
  const [, kind, index, layer, value] = /^([GD])(\d?)\.(.*)\.(weight|bias)$/.exec(theirs)!;
  return `net${kind}${index}.${LAYERS[`${kind}.${layer}`]}.${value}`;
}
