const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** How users write a time. */
export const DURATION = /^[1-9]\d{0,5}[smhd]$/;
export const DURATION_HELP = 'a number of seconds, minutes, hours or days, such as 90s, 30m, 24h or 7d';

/** Seconds of a text that fits DURATION. */
export function secondsOf(text: string): number {
  return Number.parseInt(text, 10) * (SECONDS[text.slice(-1)] ?? 1);
}
