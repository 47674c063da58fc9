import { defineConfig } from 'vitest/config'

/**
 * `quick` is what `npm test` runs. `long` is the rest: whole pipelines, workflows, kills.
 *
 * Two processes take the files in turn and keep what they have loaded, TensorFlow above all, which takes longer to load than
 * most files take to run. `npm run test:long` gives each file a process of its own.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    poolOptions: { forks: { maxForks: 2, isolate: false } },
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.long.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['test/**/*.long.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
})
