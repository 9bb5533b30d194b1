/** A folder name for any id: `[A-Za-z0-9._-]`, at most 60 characters and the start of the id's hash, so that `A/B` and `A_B` differ. */
export function folderName(id: string, sha256: string): string {
  const readable = id
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 60);
  return `${readable}-${sha256.slice(0, 16)}`;
}
