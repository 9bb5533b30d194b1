import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { CORDS } from '../../../domain/agent.ts';
import { noteCord } from './note.ts';
import { ARGUMENTS, DESCRIPTION, SERVER, TOOL, andonCall } from './tool.ts';

// A process of its own, started by the agent's CLI: it notes each call in the file that is its only argument.
const [file = ''] = process.argv.slice(2);
const server = new Server({ name: SERVER, version: '1' }, { capabilities: { tools: {} } });

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [{ name: TOOL, description: DESCRIPTION, inputSchema: ARGUMENTS }],
}));

server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
  const given = andonCall.safeParse(params.arguments);
  if (params.name !== TOOL || !given.success)
    return {
      isError: true,
      content: [{ type: 'text', text: `call ${TOOL} with a cord of ${CORDS.join(', ')} and a reason` }],
    };
  noteCord(file, given.data);
  return { content: [{ type: 'text', text: 'Noted. End your session now with your final report.' }] };
});

await server.connect(new StdioServerTransport());
