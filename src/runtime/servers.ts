// External MCP servers as users and projects write them down, for programs that let a person accept them.

export { readProjectServers, readServers, type ReadServers, type ServerDefinition } from "../tools/mcp/definitions.ts";
