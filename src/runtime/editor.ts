// What an editor brings for the `ide` tools, for the program that is one.

export type {
  Answer,
  CodePlace,
  CodeSymbol,
  EditorPort,
  FileChanges,
  Position,
  Problem,
  Span,
  TextChange,
} from "../tools/ide/editorPort.ts";
