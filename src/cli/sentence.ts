/** Complaints are whole sentences; behind a place and a colon they go on in small letters. */
export function sentence(message: string): string {
  const text = message.replace(/\.$/, "");
  return /^[A-Z][a-z]/.test(text) || text.startsWith("A ")
    ? `${text.charAt(0).toLowerCase()}${text.slice(1)}`
    : text;
}
