import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Rooms whose tests grow the process that runs them: TensorFlow's are of more than a gigabyte. */
const LARGE = /\/test\/(check-data|evaluate|lessons|models|network|predict|tensorflow|train)\//

/** Runs the files of the large rooms last: a process of a gigabyte takes fifty times as long to start another. */
class SmallFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLarge = ({ moduleId }: TestSpecification) => LARGE.test(moduleId)
    return [...sorted.filter((file) => !isLarge(file)), ...sorted.filter(isLarge)]
  }
}

/**
 * `quick` is what `npm test` runs. `long` is the rest: whole pipelines, workflows, kills.
 *
 * Two processes take the files in turn and keep what they have loaded, TensorFlow above all, which takes longer to load than
 * most files take to run. `npm run test:long` gives each file a process of its own.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    sequence: { sequencer: SmallFirst },
    globalSetup: './test/support/compile-cache.ts',
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
