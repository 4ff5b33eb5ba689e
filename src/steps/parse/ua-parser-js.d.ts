/** The part of ua-parser-js 1.x that we use; it brings no types. */
declare module 'ua-parser-js' {
  interface NameVersion {
    readonly name?: string;
    readonly version?: string;
  }
  export interface Result {
    readonly browser: NameVersion;
    readonly os: NameVersion;
    readonly device: { readonly vendor?: string; readonly model?: string; readonly type?: string };
  }
  export class UAParser {
    constructor(text: string, extensions?: { readonly browser: readonly (readonly unknown[])[] });
    getResult(): Result;
  }
}
