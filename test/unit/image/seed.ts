/**
 * Seed of the random tests: another one each run, so that the corpus grows. It stands in the name of each such test;
 * `GANGFLASH_SEED` replays it.
 */
export const seed = Number(process.env["GANGFLASH_SEED"] ?? Date.now() % 2 ** 31);

/** How often a random test runs: `GANGFLASH_MUTATIONS` asks for the nightly figure. */
export const mutations = Number(process.env["GANGFLASH_MUTATIONS"] ?? 5000);
