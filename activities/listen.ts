import type { Heard, ListenOrder, ReplyOrder } from '../domain/listening.ts';
import { pollDelay } from '../domain/listening.ts';
import type { ListenerChoice } from '../domain/project.ts';
import { Again } from './io.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

export interface ListenInput {
  readonly listener: ListenerChoice;
  readonly order: ListenOrder;
}

export interface ReplyInput {
  readonly listener: ListenerChoice;
  readonly order: ReplyOrder;
}

/** The next command in the comments. Throws Again while there is none: between two looks nothing runs, here or in the workflow. */
export async function listen(ports: Ports, input: ListenInput, io: Io): Promise<Heard> {
  const heard = await glance(ports, input, io);
  if (heard === null)
    throw new Again(
      'no answer in the comments yet',
      pollDelay(input.listener.pollSeconds, Date.now() - input.order.since),
    );
  return heard;
}

/** The next command in the comments, null when there is none now. */
export async function glance(ports: Ports, { listener, order }: ListenInput, io: Io): Promise<Heard | null> {
  return (await ports.listener(listener).listen(order, io)) ?? null;
}

/** Tells the author of a comment, once, what became of it. */
export async function reply(ports: Ports, { listener, order }: ReplyInput): Promise<void> {
  await ports.listener(listener).reply({ ...order, text: ports.redact(order.text) });
}
