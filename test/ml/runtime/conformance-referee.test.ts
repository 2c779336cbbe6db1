import { createReferee } from "../../../src/ml/program/referee.js";
import { registerConformance } from "./conformance.js";

registerConformance({ name: "referee", runtime: createReferee() });
