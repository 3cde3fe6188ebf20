// A language model that another extension offers to the editor: what it answers is decided by the suite, through what this
// extension exports. Keeps what it was asked.

const vscode = require("vscode");

const about = { name: "Scripted", family: "scripted", version: "1", maxInputTokens: 100_000, maxOutputTokens: 8_000 };

exports.activate = (context) => {
  /** @type {{ asked: unknown[], answer: (turn: number) => unknown[] | Error }} */
  const api = { asked: [], answer: () => [new vscode.LanguageModelTextPart("Nobody told me what to say.")] };
  const provider = {
    provideLanguageModelChatInformation: () => [{ ...about, id: "scripted-1", capabilities: { toolCalling: true } }],
    async provideLanguageModelChatResponse(_model, messages, options, progress) {
      const tools = (options.tools ?? []).map(({ name }) => name);
      api.asked.push({ messages: messages.map(({ role, content }) => ({ role, content: content.map(plain) })), tools });
      const answer = api.answer(api.asked.length - 1);
      if (answer instanceof Error) throw answer;
      for (const part of answer) progress.report(part);
    },
    provideTokenCount: async (_model, text) => (typeof text === "string" ? Math.ceil(text.length / 4) : 10),
  };
  context.subscriptions.push(vscode.lm.registerLanguageModelChatProvider("orchestrator-tests", provider));
  return api;
};

function plain(part) {
  if (part instanceof vscode.LanguageModelTextPart) return { text: part.value };
  if (part instanceof vscode.LanguageModelToolCallPart) return { call: part.name, id: part.callId };
  if (part instanceof vscode.LanguageModelToolResultPart)
    return { id: part.callId, result: part.content.map(({ value }) => value).join("") };
  return {};
}
