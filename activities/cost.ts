import { optionsOf } from '../domain/agent-options.ts';
import type { Prices } from '../domain/prices.ts';
import type { AgentChoice } from '../domain/project.ts';
import type { AgentReport } from './agents/index.ts';
import { costOf, priceOf } from './agents/prices.ts';

/** A report whose `usd` is the whole cost, unless it is `unpriced`: then nobody knows it. */
export type PricedReport = AgentReport & { readonly unpriced?: true };

/** The report with its cost: the agent's own figure, else reckoned from its tokens by the price of its model. */
export function priced(report: AgentReport, agent: AgentChoice, prices: Prices | undefined): PricedReport {
  const { usd, tokens, usage, untold, ...rest } = report;
  const price = priceOf(modelOf(report, agent), agent.options, prices);
  const free = price !== undefined && price.input === 0 && price.output === 0;
  if (untold === true) return free ? { ...rest, usd, tokens, ...(usage && { usage }) } : report;
  if (usd > 0 || tokens === 0 || agent.name === 'scripted' || free) return report;
  if (price === undefined || usage === undefined) return { ...report, unpriced: true };
  const { input, output, cached } = usage;
  const { longPrompt: _, ...flat } = price;
  return { ...report, usd: costOf({ input, output, cacheRead: cached, cacheWrite: 0 }, flat) };
}

/** One line for people: what is missing to know the cost. Nothing where it is known. */
export function costMissing(report: PricedReport, agent: AgentChoice): string | undefined {
  if (report.untold === true) return `${agent.name} told neither tokens nor money: the cost of this session is unknown`;
  if (report.unpriced !== true) return undefined;
  const model = agent.model ?? report.usage?.model ?? `the model of ${agent.name}`;
  return `no price is known for ${model}: the cost of this session is unknown`;
}

/** The agent's options, with the project's price of its model where the adapter reckons costs itself. */
export function optionsWithPrice(
  { name, model, options }: AgentChoice,
  prices: Prices | undefined,
): AgentChoice['options'] {
  const price = model === undefined ? undefined : prices?.models[model];
  if (price === undefined || !Object.hasOwn(optionsOf(name), 'input_price') || 'input_price' in options) return options;
  return { ...options, input_price: String(price.input), output_price: String(price.output) };
}

/** The agent's name stands for a model that nobody names. */
function modelOf({ usage }: AgentReport, { name, model }: AgentChoice): string {
  return model ?? usage?.model ?? name;
}
