import { defineConfig } from 'vitest/config'

/** What takes longer than `npm test` may: one file at a time, for these use the whole machine. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/**/*.long.test.ts'],
    passWithNoTests: true,
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
})
