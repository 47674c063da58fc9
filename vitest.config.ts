import { defineConfig } from 'vitest/config'

/** TensorFlow can be loaded once a process, so every test file gets a process of its own. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.long.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    poolOptions: { forks: { maxForks: 2 } },
  },
})
