import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { ANDON, ANDON_DESCRIPTION, andonCall, pull } from './andon.ts';
import { SERVER } from './index.ts';
import type { ServerOrder } from './index.ts';
import { INSPECT, inspect, inspectCall, inspectDescription } from './inspect.ts';

// A process of its own, started by the agent's CLI: it talks with the worker by files.
const order: ServerOrder = JSON.parse(process.argv[2] ?? '{}');
const { files, inspect: inspectable } = order;
const server = new McpServer({ name: SERVER, version: '1' });
const told = (text: string): { content: { type: 'text'; text: string }[] } => ({ content: [{ type: 'text', text }] });

server.registerTool(ANDON, { description: ANDON_DESCRIPTION, inputSchema: andonCall.shape }, (call) =>
  told(pull(files.cords, call)),
);
if (inspectable !== undefined)
  server.registerTool(
    INSPECT,
    { description: inspectDescription(inspectable), inputSchema: inspectCall.shape },
    async (call) => told(await inspect(files, call)),
  );

await server.connect(new StdioServerTransport());
