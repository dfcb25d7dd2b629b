// Tests of the console's pure modules, for a browser and for `node`.

const base = globalThis.document
  ? new URL(".", document.querySelector("script[type=module]").src)
  : new URL("../../../main/resources/dev/understudy/admin/console/app/", import.meta.url);

/** A module of the console by its name. */
export const module = (name) => import(new URL(`${name}.js`, base));

/** Fails unless both have the same JSON. */
export function equal(found, wanted) {
  const [a, b] = [found, wanted].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`expected ${b}, found ${a}`);
}

/** Runs tests by name; the results are `{name, error}`, error null for those that passed. */
export function run(tests) {
  return Object.entries(tests).map(([name, test]) => {
    try {
      test();
      return { name, error: null };
    } catch (error) {
      return { name, error: error.message };
    }
  });
}
