// What an agent's file may say, for programs in which people write such files.

export { agentSchema, type FileSchema, type KeySchema } from "../registry/schemas.ts";
