// The MCP server over an engine, for the program that offers it.

export { serveMcp } from "../gateways/mcp/serve.ts";
