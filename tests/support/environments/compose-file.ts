const SERVICE = (key: string): string => `
  ${key}:
    command: exec node server.js
    working_dir: \${${key.toUpperCase()}_DIR}
    ports: ["8080"]`;

/** The services `api` and `web` of the stand-in engine: `node server.js` in their worktrees. */
export const FILE = `services:${SERVICE('api')}${SERVICE('web')}\n`;
