/** An activity that the server has open: its type, try, last heartbeat (JSON as bytes), and the type and message of its last failure. */
export interface OpenActivity {
  readonly type: string;
  readonly attempt: number;
  readonly beat: Uint8Array | null | undefined;
  readonly failure: string | null | undefined;
  readonly trouble: string | null | undefined;
}

/** A line for each activity at work: what it says about itself, and why it was tried before. */
export function activityLines(open: readonly OpenActivity[]): readonly string[] {
  return open
    .filter(({ failure }) => failure !== 'Again')
    .map(({ type, attempt, beat, trouble }) => {
      const told: { step?: string } = beat == null ? {} : JSON.parse(Buffer.from(beat).toString('utf8'));
      const again = attempt > 1 ? ` (try ${attempt}: ${trouble ?? ''})` : '';
      return `${type}: ${told.step ?? 'waiting for a worker'}${again}`;
    });
}
