/** Words after an option name, as the parser gives them. */
export type Given = Readonly<Record<string, unknown>>;

export function text(given: Given, name: string): string | null {
  const value = given[name];
  return typeof value === "string" ? value : null;
}

export function texts(given: Given, name: string): readonly string[] {
  const value = given[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

export function number(given: Given, name: string): number | null {
  const value = given[name];
  return typeof value === "number" ? value : null;
}
