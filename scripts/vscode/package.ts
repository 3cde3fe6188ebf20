export async function packageExtension(): Promise<string> { throw new Error("todo"); }
