import { registerHooks } from "node:module";

const whole = "/dist/compat/index.mjs";
const part = "/dist/compat/function/throttle.mjs";

/**
 * Loads the screen. Ink takes one function, `throttle`, out of a library whose front page pulls in some 400 files, which
 * is half of Ink's own loading time: it is led to that function's file. A library that is laid out otherwise is loaded
 * whole, as ever.
 */
export async function loadScreen(): Promise<typeof import("../ui/app.tsx")> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      if (specifier !== "es-toolkit/compat" || context.parentURL?.includes("/ink/") !== true) return found;
      return { ...found, url: found.url.replace(whole, part) };
    },
  });
  try {
    return await import("../ui/app.tsx");
  } finally {
    hooks.deregister();
  }
}
