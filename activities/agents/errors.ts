/** This host cannot run the agent as it is configured. Final. */
export class AgentRejected extends Error {
  override readonly name = 'AgentRejected';
}
