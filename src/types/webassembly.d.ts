/** The part of WebAssembly that we use: TypeScript declares it only together with the DOM. */
declare namespace WebAssembly {
  class Module {
    /** Compiles at once; only small modules should be. */
    constructor(octets: Uint8Array);
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
    constructor(module: Module);
  }
}
