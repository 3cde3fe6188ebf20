// The only ambient name that protocol may use besides the language itself.

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
