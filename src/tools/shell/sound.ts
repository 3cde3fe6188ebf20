// A hint for what could not be read for certain: true tells something, false tells nothing.

const networkNames =
  /(?:^|[\s;&|(`'"/])(?:curl|wget|ssh|scp|sftp|rsync|nc|ncat|socat|npx|git\s+(?:push|pull|fetch|clone)|(?:npm|pnpm|yarn|bun|pip3?|cargo)\s+(?:install|i|ci|add|publish|update))\b/;

export function soundsLikeNetwork(text: string): boolean {
  return networkNames.test(text.slice(0, 20_000));
}
