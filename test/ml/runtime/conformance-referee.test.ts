import { createReference } from "../../../src/ml/runtime/reference.js";
import { registerConformance } from "./conformance.js";

registerConformance({ name: "referee", runtime: createReference() });
