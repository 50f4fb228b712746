/** What a person may do at a station (product.md, "Who uses it"). */
export const roles = ["operator", "lead", "engineer", "quality"] as const;
export type Role = (typeof roles)[number];

/** What a role allows. What a role may not do is not on its screen. */
export type Right =
  | "run"
  | "open-order"
  | "close-order"
  | "retire-slot"
  | "teach"
  | "rehearse"
  | "accept-first-article"
  | "override"
  | "void"
  | "review-profile"
  | "release-profile"
  | "export"
  | "keep-people";

/** Where nobody logs in, nobody can be the second person either. */
const withoutRole: readonly Right[] = [
  "run",
  "open-order",
  "close-order",
  "retire-slot",
  "teach",
  "rehearse",
];

const rights: Readonly<Record<Role, readonly Right[]>> = {
  operator: ["run"],
  lead: [...withoutRole, "accept-first-article", "override", "export", "keep-people"],
  engineer: ["run", "retire-slot", "teach", "rehearse", "review-profile", "release-profile", "export"],
  quality: ["accept-first-article", "void", "review-profile", "release-profile", "export"],
};

/** Whether this role allows that. */
export function mayDo(role: Role, right: Right): boolean {
  return rights[role].includes(right);
}

/** `null`: of somebody at a station where nobody logs in. */
export const rightsOf = (role: Role | null): readonly Right[] => (role === null ? withoutRole : rights[role]);

/** Somebody who works at the station; the badge and the PIN are kept as hashes and never come out again. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly hasBadge: boolean;
  readonly hasPin: boolean;
  /** `false`: has left; their deeds stay. */
  readonly active: boolean;
}

/** Somebody new. `badge` and `pin` are told once, here; only their hashes are kept. */
export interface NewPerson {
  readonly name: string;
  readonly role: Role;
  readonly badge?: string;
  readonly pin?: string;
  /** Who adds this person; left out: nobody was logged in, such as on a command line. */
  readonly by?: string;
}
