type Fields = Readonly<Record<string, unknown>>;

/** An object's fields; those of anything else are none. */
export const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {});

/** A string, or '' for anything else. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A finite number, or 0 for anything else. */
export const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
