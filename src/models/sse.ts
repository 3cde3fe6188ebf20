// Server-sent events from a byte stream: only the `data` fields, joined per event, which is all that Chat Completions
// uses. Tolerates CR, LF and CRLF, comments, and chunks that end anywhere, inside a character too.

export async function* eventData(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  let data: string[] = [];
  const take = (line: string): string | undefined => {
    if (line === "") {
      const event = data.length > 0 ? data.join("\n") : undefined;
      data = [];
      return event;
    }
    if (line.startsWith("data:")) data.push(line.charCodeAt(5) === 32 ? line.slice(6) : line.slice(5));
    return undefined;
  };
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    // A CR at the very end may be the first half of CRLF: it waits for the next chunk.
    const whole = rest.endsWith("\r") ? rest.length - 1 : rest.length;
    const lines = rest.slice(0, whole).split(/\r\n|\n|\r/);
    rest = lines.pop()! + rest.slice(whole);
    for (const line of lines) {
      const event = take(line);
      if (event !== undefined) yield event;
    }
  }
  rest += decoder.decode();
  for (const line of [...rest.split(/\r\n|\n|\r/), ""]) {
    const event = take(line);
    if (event !== undefined) yield event;
  }
}

/**
 * Reads on to the end, so that the connection can be used again. A server that leaves the stream open after its last
 * event holds nobody up: after a moment the caller goes on, and the reading goes on behind it.
 */
export async function drain(events: AsyncGenerator<string, void, undefined>): Promise<void> {
  const onward = async (): Promise<void> => {
    while ((await events.next()).done !== true);
  };
  const moment = Promise.withResolvers<void>();
  const timer = setTimeout(moment.resolve, 20);
  // Whatever breaks after the answer's end is no longer of interest.
  await Promise.race([onward().catch(() => undefined), moment.promise]);
  clearTimeout(timer);
}
