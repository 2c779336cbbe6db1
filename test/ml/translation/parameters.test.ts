/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** Every key of training.md §1.1 to 1.6 changes what it is said to change; a row each, in the tables of `parameters-*.ts`. */
import { describe, expect, test } from "@jest/globals";
import { PARAMS } from "../../../nodes/ml/style_transfer/params.js";
import { DATASET } from "./parameters-data.js";
import { LOSS, LOSSES, OPTIMIZER, TRAINING } from "./parameters-learning.js";
import { DISCRIMINATOR, GENERATOR } from "./parameters-networks.js";

const TABLES: Readonly<Record<string, Readonly<Record<string, () => Promise<void>>>>> = {
  dataset: DATASET,
  training: TRAINING,
  generator: { ...GENERATOR, ...LOSSES },
  discriminator: DISCRIMINATOR,
  loss: LOSS,
  optimizer: OPTIMIZER,
};

for (const [group, rows] of Object.entries(TABLES)) {
  describe(group, () => {
    test(`${group}: every parameter has its row`, () => {
      const { properties } = PARAMS[group as keyof typeof PARAMS] as { properties: object };
      expect(Object.keys(rows).sort()).toEqual(Object.keys(properties).sort());
    });
    for (const [key, row] of Object.entries(rows)) test(`${group}.${key} changes what it is said to change`, row);
  });
}
