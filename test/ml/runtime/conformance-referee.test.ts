import { createReferee } from "../../../src/ml/runtime/referee.js";
import { registerConformance } from "./conformance.js";

registerConformance({ name: "referee", runtime: createReferee() });
