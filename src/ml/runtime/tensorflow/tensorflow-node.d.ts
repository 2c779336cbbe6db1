/** The two native packages of TensorFlow.js, which need not be installed: as far as they are used here, tfjs-core. */
declare module "@tensorflow/tfjs-node" {
  export * from "@tensorflow/tfjs-core";
}
declare module "@tensorflow/tfjs-node-gpu" {
  export * from "@tensorflow/tfjs-core";
}
