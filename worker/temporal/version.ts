/** Version of the `temporal` CLI that is built or downloaded; its database files carry it in their name. */
export const TEMPORAL_VERSION = '1.8.2';
